// `npm run bench:latency -- [--rates 50,500,5000] [--seconds 60] [--processors 1] [--streams]`
// Open-loop load on a real edge, broker and processor with their defaults. Prints how long words take from the moment at which they should
// have been sent until a consumer at read_committed has their verdict, and what brokers, edge and processors spend on it. With --streams,
// the same again with a Kafka Streams application behind the edge in place of the processors.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { startChild, type Child } from '@verdikt/local/child.ts';
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { openSystem } from '@verdikt/test/support/system/system.ts';
import { measureLatency, WARM_UP_S } from './measure-latency.ts';
import { javaCommand, streamsArguments } from './peers/java-cells.ts';

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '50,500,5000' },
    seconds: { type: 'string', default: '60' },
    processors: { type: 'string', default: '1' },
    streams: { type: 'boolean', default: false },
  },
});
const rates = values.rates.split(',').map(Number);
const [seconds, processors] = [values.seconds, values.processors].map(Number);
const say = (line: string): void => console.log(line);

const broker = await startKafka({ profile: 'bench', say });
const registry = await startRegistry({ say });
const kafka = createKafka({ brokers: broker.brokers, clientId: 'bench' });
const folder = mkdtempSync(join(tmpdir(), 'verdikt-latency-'));

/** One system at all rates; `judges` starts what stands behind its edge, and gives its processes. */
const measure = async (
  judges: (system: Awaited<ReturnType<typeof openSystem>>) => Promise<readonly Child[]>,
): Promise<void> => {
  const system = await openSystem({ brokers: broker.brokers.join(','), registryUrl: registry.url });
  let behind: readonly Child[] = [];
  try {
    const edge = await system.edge();
    behind = await judges(system);
    const { partitions } = system;
    const { url, child } = edge;
    const pids = { broker: broker.pids(), edge: [child.pid], judges: behind.map(({ pid }) => pid) };
    const subject = { url, results: system.topics.results, partitions, pids };
    await measureLatency(kafka, subject, rates, seconds, say);
  } finally {
    await Promise.all(behind.map((child) => child.stop()));
    await system.stop();
  }
};

try {
  say(`verdikt, ${processors} processors`);
  await measure((system) =>
    Promise.all(Array.from({ length: processors }, async () => (await system.processor()).child)),
  );
  if (values.streams) {
    const [java, ...args] = await javaCommand(say);
    say('Kafka Streams exactly_once_v2, 1 thread, commit interval 100 ms (its default under exactly once)');
    await measure(async ({ topics: { words, results } }) => {
      const task = { brokers: broker.brokers, group: `streams-${words}`, words, results };
      const command = [...args, ...streamsArguments(task, 1)];
      return [await startChild(java, command, { logFile: join(folder, 'streams.log') })];
    });
  }
  say(
    `${seconds} s a rate after ${WARM_UP_S} s of warm-up, ${cpus().length} cores shared by client, edge, broker and what judges`,
  );
} finally {
  await kafka.close();
  await registry.stop();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}
