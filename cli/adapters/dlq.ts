// Puts Kafka, the registry and the process behind the ports of the tools for dead letters.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import type { DlqDeps } from '../commands/dlq-cluster.ts';
import type { DlqConfig } from '../dlq/config.ts';
import type { DlqCluster } from '../dlq/ports.ts';
import { question } from './question.ts';
import { openReader, readerDeps } from './reader.ts';

/** Set on the topics by `topics apply`; the broker has the last word on what is too large. */
const MAX_BATCH_BYTES = 64 * 1_048_576;

/** Opens what tools write records with. */
export const appenderOf =
  (kafka: Kafka): DlqCluster['appender'] =>
  (topic) =>
    kafka.sink({ topic, maxBatchBytes: MAX_BATCH_BYTES, deliveryMs: 30_000 });

const openCluster = (config: DlqConfig, readFile: ReadFile): DlqCluster => {
  const { kafka, cluster } = openReader(config, readFile);
  const { group } = config;
  process.stdout.once('error', (e: NodeJS.ErrnoException) => {
    // The reader of a pipe has gone: what was to be done may not be done, so this is no success.
    process.exit(e.code === 'EPIPE' ? 141 : 1);
  });
  return {
    ...cluster,
    appender: appenderOf(kafka),
    quarantine: async (topic, partition) => {
      const transaction = await kafka.transactions({ group, words: topic }).fence(partition);
      return {
        commit: async (records) => {
          await transaction.commit({ outputs: [{ topic, records }], nextOffset: null });
        },
        close: () => transaction.close(),
      };
    },
    trim: async (topic, partition, offset) => {
      const admin = kafka.admin();
      await admin.trim(topic, partition, offset).finally(() => admin.close());
    },
  };
};

const random = (into: Uint8Array): void => {
  crypto.getRandomValues(into);
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
};

export const dlqDeps = (readFile: ReadFile): DlqDeps => ({
  cluster: (config) => openCluster(config, readFile),
  registry: (config) => readerDeps(readFile).registry(config),
  pace: { now: () => Date.now(), pause: (ms) => after(ms) },
  newId: createUuidV7({ now: () => Date.now(), random }),
  newReset: () => randomUUID(),
  user: userName,
  ask: question,
  width: process.stderr.isTTY ? (process.stderr.columns ?? 80) : undefined,
});
