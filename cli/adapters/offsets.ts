// Puts Kafka behind the ports of the commands on offsets.
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { OffsetsCluster } from '../offsets/cluster.ts';
import type { OffsetsDeps } from '../commands/offsets.ts';
import type { ReaderConfig } from '../shell/reader-config.ts';
import { readerDeps } from './reader.ts';

const openCluster = (config: ReaderConfig, readFile: ReadFile): OffsetsCluster => {
  const cluster = readerDeps(readFile).cluster(config);
  const kafka = createKafka(kafkaConnection(config, readFile));
  return {
    ...cluster,
    offset: kafka.committed,
    transactions: kafka.transactions({ group: config.group, words: systemTopics(config).words }),
    close: async () => {
      await Promise.all([cluster.close(), kafka.close()]);
    },
  };
};

/** Far more than reading the ends of logs takes. */
const LATE_MS = 20_000;

export const late = (over: AbortSignal): Promise<void> => after(LATE_MS, undefined, { signal: over });

export const offsetsDeps = (readFile: ReadFile): OffsetsDeps => ({
  cluster: (config) => openCluster(config, readFile),
  now: () => Date.now(),
  wait: async (ms) => {
    await after(ms);
  },
  late,
});
