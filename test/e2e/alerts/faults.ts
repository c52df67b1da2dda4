import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';
import type { LocalKafka } from '@verdikt/local/kafka.ts';
import type { LocalRegistry } from '@verdikt/local/registry.ts';
import { startFaultyService, type FaultyService } from './check-service.ts';
import type { Prometheus } from './prometheus.ts';
import { openStage, type Stage } from './stage.ts';
import { createWatch, type Line, type Watch } from './watch.ts';

interface World {
  readonly prometheus: Prometheus;
  readonly kafka: LocalKafka;
  readonly registry: LocalRegistry;
  readonly say: (line: string) => void;
}

interface Part {
  readonly name: string;
  /** Also in the short form. */
  readonly short: boolean;
  readonly run: (world: World) => Promise<readonly Line[]>;
}

const staged =
  (name: string, play: (s: Stage, w: Watch, world: World) => Promise<void>) =>
  async (world: World): Promise<readonly Line[]> => {
    const { prometheus, kafka, registry, say } = world;
    const options = { brokers: kafka.brokers.join(','), registryUrl: registry.url };
    const stage = await openStage(name, prometheus, options);
    const watch = createWatch(prometheus, name, say);
    try {
      await play(stage, watch, world);
    } finally {
      await stage.close();
    }
    return watch.lines;
  };

const ROOT = join(import.meta.dirname, '../../..');

/** Fields of a processor whose only check asks that service. */
const asking = (service: FaultyService, http: object, fields: Record<string, string> = {}) => ({
  chain: JSON.stringify([{ http: { url: service.url, timeoutMs: 2_000, breakerFailures: 10_000, ...http } }]),
  retryMaxAttempts: '2',
  retryBaseDelayMs: '500',
  deadLetterMax: '5',
  deadLetterBackoffMs: '1000',
  deadLetterMaxBackoffMs: '2000',
  ...fields,
});

const failing = staged('service-fails', async (s, w) => {
  const service = await startFaultyService();
  await s.edge();
  await s.processor(asking(service, {}));
  s.load(20);
  await w.silent(15);
  const alerts = ['VerdiktRetryRateHigh', 'VerdiktCircuitOpen'];
  await w.fault('the service of a check answers 503', alerts, () => service.set('fail'));
  await w.fix(alerts, () => service.set('ok'));
});

const down = staged('service-down', async (s, w) => {
  const service = await startFaultyService();
  await s.edge();
  await s.processor(asking(service, { breakerFailures: 5, breakerHalfOpenMs: 1_000 }));
  s.load(20);
  await w.silent(8);
  const alerts = ['VerdiktCheckCircuitOpen'];
  await w.fault('the service of a check is down', alerts, () => service.set('down'));
  await w.fix(alerts, () => service.set('ok'));
});

const flood = staged('flood', async (s, w) => {
  const service = await startFaultyService();
  await s.edge();
  await s.processor(asking(service, {}));
  s.load(20);
  await w.silent(8);
  await w.fault(
    'a flood of words that the service refuses',
    ['VerdiktDeadLettersGrowing', 'VerdiktWaitsForOperator'],
    () => service.set('reject'),
  );
});

const hanging = staged('service-hangs', async (s, w) => {
  const service = await startFaultyService();
  await s.edge();
  const slow = { timeoutMs: 60_000 };
  await s.processor(asking(service, slow, { checkConcurrency: '4', deadLetterMax: '1000' }));
  s.load(50);
  await w.silent(8);
  const alerts = ['VerdiktNoProgress', 'VerdiktDueLagHigh', 'VerdiktLagGrowing'];
  await w.fault('the service of a check takes calls and never answers', alerts, () => service.set('hang'));
  await w.fault(
    'it answers again, and a backlog of late words is judged',
    ['VerdiktEndToEndBudgetBurn'],
    () => service.set('ok'),
  );
  await w.fix([...alerts, 'VerdiktEndToEndBudgetBurn'], () => s.load(20));
});

const full = staged('lanes', async (s, w) => {
  const service = await startFaultyService();
  await s.edge();
  const patient = { retryMaxAttempts: '50', retryBaseDelayMs: '5000', retryMultiplier: '1' };
  await s.processor(asking(service, {}, { ...patient, laneMaxEntries: '30' }));
  s.load(20);
  await w.silent(8);
  await w.fault('a service fails for so long that the lanes are full', ['VerdiktIntakeStopped'], () =>
    service.set('fail'),
  );
  await w.fix(['VerdiktIntakeStopped'], () => service.set('ok'));
});

const gone = staged('processes', async (s, w) => {
  const edge = await s.edge();
  const first = await s.processor();
  s.load(20);
  await w.silent(8);
  await w.fault('all processors are killed', ['VerdiktNoConsumers'], () => first.child.kill('SIGKILL'));
  await w.fix(['VerdiktNoConsumers'], async () => void (await s.processor()));
  await w.fault('the edge is killed', ['VerdiktNoEdge'], () => edge.child.kill('SIGKILL'));
  await w.fix(['VerdiktNoEdge'], async () => void (await s.edge()));
});

const group = staged('group', async (s, w, { registry }) => {
  const long = { sessionTimeoutMs: '30000' };
  await s.edge();
  await s.processor(long);
  const second = await s.processor(long);
  s.load(20);
  await w.silent(8);
  const unowned = ['VerdiktTasksUnowned'];
  await w.fault('one of two processors is frozen', unowned, () => second.child.kill('SIGSTOP'));
  await w.fix(unowned, () => second.child.kill('SIGCONT'));
  const storm = ['VerdiktRebalanceStorm'];
  await w.fault('a processor keeps starting and stopping', storm, async () => {
    for (let i = 0; i < 4; i++) await (await s.processor()).child.stop();
  });
  const away = ['VerdiktSchemaRegistryTrouble'];
  await w.fault('the schema registry is down when a processor starts', away, async () => {
    await registry.kill('SIGKILL');
    await second.child.stop(0);
    await s.processor();
  });
  await w.fix([...storm, ...away], () => registry.restart());
});

const broker = staged('broker', async (s, w, { kafka }) => {
  await s.edge({ appendTimeoutMs: '2000' });
  await s.processor({ requestTimeoutMs: '3000', connectionTimeoutMs: '1000' });
  s.load(50);
  await w.silent(15);
  const alerts = ['VerdiktNotReady', 'VerdiktEdgeRefusing', 'VerdiktEdgeBudgetBurn'];
  await w.fault('the broker is killed', alerts, () => kafka.kill('SIGKILL'));
  await w.fix(alerts, () => kafka.restart());
});

const refused = staged('results-refused', async (s, w, { kafka }) => {
  await s.edge();
  await s.processor();
  s.load(50);
  await w.silent(8);
  const tools = await openKafkaTools();
  const limit = async (bytes: number): Promise<void> => {
    const what = ['--alter', '--entity-type', 'topics', '--entity-name', s.results];
    const change = ['--add-config', `max.message.bytes=${bytes}`];
    const lines = tools.lines('configs', ['--bootstrap-server', kafka.brokers.join(','), ...what, ...change]);
    for await (const _ of lines);
  };
  const alerts = ['VerdiktTransactionErrors', 'VerdiktTaskFailing', 'VerdiktTaskNotRunning'];
  // Room for the marker of a transaction: a broker that cannot write it never ends the transaction.
  await w.fault('the topic of verdicts is set to take no verdict', alerts, () => limit(200));
  await w.fix(alerts, () => limit(1_200_000));
});

const parked = staged('parked', async (s, w, { kafka, registry }) => {
  const service = await startFaultyService();
  await s.edge();
  await s.processor(asking(service, {}, { onDeadLetter: 'park', deadLetterMax: '100000' }));
  s.load(5);
  await w.silent(8);
  const alerts = ['VerdiktParkedKeysOld'];
  await w.fault('keys are parked by words that the service refuses', alerts, async () => {
    await service.set('reject');
    await pause(3_000);
    await service.set('ok');
  });
  await w.fix(alerts, async () => {
    const redrive = [
      join(ROOT, 'cli/main.ts'),
      'dlq',
      'redrive',
      '--all',
      '--topic-prefix',
      s.results.replace(/results$/, ''),
    ];
    const where = [
      '--brokers',
      kafka.brokers.join(','),
      '--schema-registry-url',
      registry.url,
      '--partitions',
      '4',
    ];
    await promisify(execFile)(process.execPath, [...redrive, ...where, '--json']);
  });
});

export const PARTS: readonly Part[] = [
  { name: 'service-fails', short: true, run: failing },
  { name: 'processes', short: true, run: gone },
  { name: 'service-down', short: false, run: down },
  { name: 'flood', short: false, run: flood },
  { name: 'service-hangs', short: false, run: hanging },
  { name: 'lanes', short: false, run: full },
  { name: 'parked', short: true, run: parked },
  { name: 'group', short: false, run: group },
  { name: 'results-refused', short: false, run: refused },
  { name: 'broker', short: false, run: broker },
];
