import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import { processorAlone } from './alone.ts';
import type { Bench } from './cell.ts';
import { createTopics, deleteTopic } from './fill.ts';
import { judge } from './peers/judge.ts';
import { SHAPE, Words } from './words.ts';

interface Limit {
  readonly title: string;
  readonly recordsPerSecond: number;
}

const SECONDS = 20;
/** As many bytes as a verdict with its key and headers takes in a log. */
const VERDICT_BYTES = 400;
/** Different records that the loop without Kafka goes through again and again. */
const VARIETY = 10_000;

/** What Kafka's own load tool writes in so long: idempotent, acks=all, large batches. */
const broker = async ({ ground }: Bench): Promise<Limit> => {
  const topic = 'limit';
  await createTopics(ground, [topic], SHAPE.partitions);
  const properties = [
    `bootstrap.servers=${ground.plainBrokers.join()}`,
    ...['acks=all', 'batch.size=262144', 'linger.ms=5', 'buffer.memory=67108864'],
  ];
  const write = async (records: number): Promise<number> => {
    const said = await kafkaTool('producer-perf-test', [
      ...['--topic', topic, '--num-records', String(records), '--record-size', String(VERDICT_BYTES)],
      ...['--throughput', '-1', '--producer-props', ...properties],
    ]);
    const rate = /([\d.]+) records\/sec/.exec(said.trim().split('\n').at(-1) ?? '')?.[1];
    if (rate === undefined) throw new Error(`the load tool says no rate: ${said}`);
    return Number(rate);
  };
  const rate = await write(1_000_000);
  const recordsPerSecond = await write(Math.ceil(rate * SECONDS));
  await deleteTopic(ground, topic);
  return {
    title: `the broker alone, ${VERDICT_BYTES} bytes a record, Kafka's own load tool`,
    recordsPerSecond,
  };
};

/** Decoding, check and JSON of the peers on Node, over the bytes of the input, without any Kafka. */
const work = (): Limit => {
  const words = new Words(SHAPE, 'the-id');
  const inputs = Array.from({ length: VARIETY }, (_, i) => words.recordOf(i, Date.now()));
  /** Records per second; the first call is for the compiler. */
  const pass = (seconds: number): number => {
    const begun = performance.now();
    let [n, bytes] = [0, 0];
    while (performance.now() - begun < seconds * 1_000)
      for (const { value, headers } of inputs)
        bytes += judge(value as Buffer, String(headers[0][1]), n++).length;
    if (bytes < n) throw new Error('a verdict is empty');
    return n / ((performance.now() - begun) / 1_000);
  };
  pass(SECONDS / 4);
  const recordsPerSecond = pass(SECONDS);
  return {
    title: 'decoding, check and JSON of the peers on Node alone, no Kafka, one thread',
    recordsPerSecond,
  };
};

const alone = async (): Promise<Limit> => ({
  title: 'verdikt alone, from fetched bytes to produce requests, no Kafka, one thread',
  recordsPerSecond: await processorAlone(SHAPE, SECONDS / 2),
});

/** What bounds every cell, as lines below the table. */
export const limits = async (bench: Bench): Promise<string[]> => {
  const all = [work(), await alone(), await broker(bench)];
  return all.map(
    (l) => `limit: ${l.title}: ${Math.round(l.recordsPerSecond).toLocaleString('en-US')} records/s`,
  );
};
