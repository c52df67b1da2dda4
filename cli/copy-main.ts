// Puts Kafka behind the ports of `verdikt copy`.
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config.ts';
import { kafkaConnection } from '@verdikt/core/kafka-config.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { CopyDeps } from './commands/copy.ts';
import { offsetsDeps } from './offsets-main.ts';
import { readerDeps } from './reader-main.ts';

/** The broker has the last word on what is too large. */
const MAX_BATCH_BYTES = 64 * 1_048_576;

export const copyDeps = (readFile: ReadFile): CopyDeps => ({
  cluster: (config) => {
    const cluster = offsetsDeps(readFile).cluster(config);
    const kafka = createKafka(kafkaConnection(config, readFile));
    const inspector = kafka.inspector();
    return {
      ...cluster,
      appender: (topic) => kafka.sink({ topic, maxBatchBytes: MAX_BATCH_BYTES, deliveryMs: 30_000 }),
      members: async (group) => (await inspector.group(group)).members.length,
      close: async () => {
        await Promise.all([cluster.close(), kafka.close()]);
      },
    };
  },
  pace: { now: () => Date.now(), pause: (ms) => after(ms) },
  progress: readerDeps(readFile).progress,
});
