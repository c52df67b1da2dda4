import { createKafka } from '@verdikt/kafka/connect.ts';
import type { LogReader } from '@verdikt/processor/ports.ts';
import { metricsOf } from '../../scenarios/support/metrics.ts';
import type { Service } from '../../scenarios/support/system.ts';
import { someFail } from '../../scenarios/support/words.ts';
import type { Cell, Stage } from '../cell.ts';
import { groupCoordinator } from '../faults/brokers.ts';
import { groupId } from '../faults/operator.ts';
import { createQuorum, NODES, type Quorum } from '../faults/quorum.ts';

/** API keys of what a new owner reads by. */
const READS = new Map([
  [1, 'Fetch'],
  [2, 'ListOffsets'],
  [3, 'Metadata'],
]);
const LATE = 'late';
/** Owners that write to the deposed leader first wait for its answers: half a minute. */
const BEHIND_WITHIN_MS = 90_000;
/** Session time-out, and what a busy machine adds. */
const RESTORED_WITHIN_MS = 60_000;

/** Answers of deposed leaders to processors that started meanwhile, by kind. */
const answers = new Map<string, number>();
/** Records of retry partitions that a deposed leader did not have when a new owner asked it. */
let behind = 0;

/** The processor that owns that task. */
const ownerOf = async (processors: readonly Service[], task: number): Promise<Service | undefined> => {
  for (const p of processors)
    if ((await metricsOf(p).catch(() => '')).includes(`verdikt_lane_entries{partition="${task}"}`)) return p;
  return undefined;
};

const lengths = async (logs: LogReader, topic: string, partitions: number): Promise<number[]> =>
  Promise.all(Array.from({ length: partitions }, async (_, p) => (await logs.bounds(topic, p)).end));

/** Waits until the true leader of a retry partition has records that the deposed one has not; the partition where it has most. */
const untilBehind = async (stage: Stage, node: number): Promise<number | undefined> => {
  const { topics, partitions } = stage.system;
  const others = stage.kafka.brokers.filter((_, i) => i !== node - 1);
  const deposed = createKafka({ brokers: [stage.kafka.brokers[node - 1]], clientId: 'looks-behind' });
  const rest = createKafka({ brokers: others, clientId: 'looks-ahead' });
  try {
    const [old, fresh] = [deposed.logs(), rest.logs()];
    for (const until = Date.now() + BEHIND_WITHIN_MS; Date.now() < until; await stage.pause(1_000)) {
      const ends = await Promise.all([old, fresh].map((l) => lengths(l, topics.retry, partitions)));
      const gaps = ends[1].map((end, p) => end - ends[0][p]);
      const most = gaps.indexOf(Math.max(...gaps));
      if (gaps[most] < MIN_BEHIND) continue;
      behind += gaps[most];
      stage.mark('note', `the deposed leader lacks ${gaps[most]} records of retry partition ${most}`);
      return most;
    }
    return undefined;
  } finally {
    await Promise.all([deposed.close(), rest.close()]);
  }
};
const MIN_BEHIND = 5;

/** One broker deposed; a processor killed whose tasks it led, and replaced by one that knows no other broker. */
const depose = async (stage: Stage, quorum: Quorum, round: number): Promise<void> => {
  const { fleet, system, random } = stage;
  const coordinator = await groupCoordinator(stage, groupId(system));
  const node = random.pick(Array.from({ length: NODES }, (_, i) => i + 1).filter((n) => n !== coordinator));
  const clientId = `${LATE}-${round}`;
  quorum.onAnswer((from, who, apiKey) => {
    const kind = READS.get(apiKey);
    if (from === node && who === clientId && kind !== undefined)
      answers.set(kind, (answers.get(kind) ?? 0) + 1);
  });
  quorum.isolate(node);
  stage.mark('fault', `broker ${node} cut off from the others, not from us`);
  const task = await untilBehind(stage, node);
  if (task === undefined) stage.mark('note', 'nothing was written that the deposed leader has not');
  else {
    const victim = (await ownerOf(fleet.processors(), task)) ?? random.pick(fleet.processors());
    fleet.kill(victim);
    stage.mark('fault', `kill -9 of ${victim.name}; the next one asks broker ${node}`);
    const late = await fleet.addProcessor({ brokers: quorum.brokers[node - 1], clientId }, { unready: true });
    for (const until = Date.now() + RESTORED_WITHIN_MS; Date.now() < until; await stage.pause(500))
      if ((await ownerOf([late], task)) !== undefined) break;
    await stage.pause(3_000);
  }
  quorum.heal();
  quorum.onAnswer(() => undefined);
  stage.mark('healed', `broker ${node} is back; ${[...answers].map(([k, n]) => `${k}: ${n}`).join(', ')}`);
  await stage.pause(15_000);
};

/** A leader that is none any more, and does not know it. */
export const deposedCells: readonly Cell[] = [
  (() => {
    const { cell, open } = createQuorum();
    return {
      number: 31,
      name: 'a leader cut off from the other brokers but not from us; a new owner asks it',
      holds: 'nothing is lost or judged twice by what a deposed leader says',
      words: 100_000,
      pauseMs: 2_000,
      shipped: true,
      loadLasts: true,
      processors: 2,
      failures: someFail,
      ...cell,
      arrange: ({ onEnd }) => {
        const quorum = open();
        onEnd(() => quorum.close());
        answers.clear();
        behind = 0;
        const brokers = quorum.brokers.join(',');
        return Promise.resolve({
          processor: { brokers },
          edge: { brokers },
          strike: async (stage: Stage) => {
            await stage.reached(0.1);
            let round = 0;
            do await depose(stage, quorum, round++);
            while (stage.progress() < 0.8);
          },
        });
      },
      claims: () => [
        ...((answers.get('Fetch') ?? 0) > 0 ? [] : ['a deposed leader never answered a new owner']),
        ...(behind > 0 ? [] : ['no deposed leader ever lacked anything: the fault did nothing']),
      ],
    } satisfies Cell;
  })(),
];
