// Puts Kafka behind the ports of the commands on offsets.
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import type { OffsetsCluster } from '@verdikt/operate/offsets/cluster.ts';
import type { OffsetsDeps } from '../commands/offsets.ts';
import type { ReaderConfig } from '../shell/reader-config.ts';
import { late } from '@verdikt/operate/adapters/cluster.ts';
import { openReader } from './reader.ts';

/** As `openReader`, with what offsets are looked at and set by. */
export const openOffsets = (
  config: ReaderConfig,
  readFile: ReadFile,
): { kafka: Kafka; cluster: OffsetsCluster } => {
  const { kafka, cluster } = openReader(config, readFile);
  const transactions = kafka.transactions({ group: config.group, words: systemTopics(config).words });
  return { kafka, cluster: { ...cluster, offset: kafka.committed, transactions } };
};

export const offsetsDeps = (readFile: ReadFile): OffsetsDeps => ({
  cluster: (config) => openOffsets(config, readFile).cluster,
  now: () => Date.now(),
  wait: async (ms) => {
    await after(ms);
  },
  late,
});
