import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import type { Ground } from './ground.ts';
import { Words, type Shape } from './words.ts';

const CHUNK = 5_000;
/** Chunks on their way at once; they keep their order. */
const AHEAD = 4;
/** As an edge under load writes them. */
const BATCH_BYTES = 128 * 1024;
/** Takes a whole fetch of input as one batch of output: a loop that does not split its batches would else fail. */
const OUTPUT_BATCH_BYTES = 8 * 1024 * 1024;

/** Writes records 0 .. count - 1 of a shape to a new topic, in order per partition. */
export const fill = async (ground: Ground, topic: string, count: number, shape: Shape): Promise<Words> => {
  await createTopics(ground, [topic], shape.partitions);
  const [{ id }] = await ground.kafka.logs().describe([topic]);
  if (id === undefined) throw new Error('the broker tells no topic ids');
  const words = new Words(shape, id);
  const sink = await ground.kafka.sink({ topic, maxBatchBytes: BATCH_BYTES });
  try {
    const ahead: Promise<void>[] = [];
    const append = async (from: number): Promise<void> => {
      const now = Date.now();
      const records = Array.from({ length: Math.min(CHUNK, count - from) }, (_, k) => ({
        partition: words.partitionOf(from + k),
        record: words.recordOf(from + k, now),
      }));
      const results = await sink.append(records);
      if (results?.every((r) => r.ok) !== true) throw new Error(`${topic} could not be filled`);
    };
    for (let from = 0; from < count; from += CHUNK) {
      ahead.push(append(from));
      if (ahead.length >= AHEAD) await ahead.shift();
    }
    await Promise.all(ahead);
  } finally {
    await sink.stop();
  }
  return words;
};

/** With a replica on every broker. */
export const createTopics = async (
  ground: Ground,
  names: readonly string[],
  partitions: number,
): Promise<void> => {
  const configs = { 'max.message.bytes': String(OUTPUT_BATCH_BYTES), 'file.delete.delay.ms': '1000' };
  const admin = ground.kafka.admin();
  const replicationFactor = ground.plainBrokers.length;
  try {
    await admin.create(names.map((name) => ({ name, partitions, replicationFactor, configs })));
  } finally {
    await admin.close();
  }
};

export const deleteTopic = async ({ plainBrokers }: Ground, topic: string): Promise<void> =>
  void (await kafkaTool('topics', [
    ...['--bootstrap-server', plainBrokers.join(), '--delete', '--topic', topic],
  ]));
