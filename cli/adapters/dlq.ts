// Puts Kafka, the registry and the process behind the ports of the tools for dead letters.
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection } from '@verdikt/core/config/kafka.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import { openDlqCluster } from '@verdikt/operate/adapters/cluster.ts';
import type { DlqDeps } from '../commands/dlq-cluster.ts';
import type { DlqConfig } from '../dlq/config.ts';
import type { DlqCluster } from '@verdikt/operate/dlq/ports.ts';
import { question } from './question.ts';
import { readerDeps } from './reader.ts';

const openCluster = (config: DlqConfig, readFile: ReadFile): DlqCluster => {
  process.stdout.once('error', (e: NodeJS.ErrnoException) => {
    // The reader of a pipe has gone: what was to be done may not be done, so this is no success.
    process.exit(e.code === 'EPIPE' ? 141 : 1);
  });
  return openDlqCluster(kafkaConnection(config, readFile), config.group).cluster;
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
