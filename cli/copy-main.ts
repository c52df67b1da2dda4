// Puts Kafka behind the ports of `verdikt copy`.
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config.ts';
import { kafkaConnection } from '@verdikt/core/kafka-config.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { CopyDeps } from './commands/copy.ts';
import { appenderOf } from './dlq-main.ts';
import { offsetsDeps } from './offsets-main.ts';
import { readerDeps } from './reader-main.ts';

export const copyDeps = (readFile: ReadFile): CopyDeps => ({
  cluster: (config) => {
    const cluster = offsetsDeps(readFile).cluster(config);
    const kafka = createKafka(kafkaConnection(config, readFile));
    const inspector = kafka.inspector();
    return {
      ...cluster,
      appender: appenderOf(kafka),
      members: async (group) => (await inspector.group(group)).members.length,
      close: async () => {
        await Promise.all([cluster.close(), kafka.close()]);
      },
    };
  },
  pace: { now: () => Date.now(), pause: (ms) => after(ms) },
  progress: readerDeps(readFile).progress,
});
