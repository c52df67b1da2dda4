// Puts Kafka, the registry, HTTP and the process behind the ports of the commands that read topics.
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import type { AuditDeps } from '../commands/audit.ts';
import type { ProbeDeps } from '../commands/probe.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import type { ReaderConfig } from '../shell/reader-config.ts';

/** A client, and what reading needs of it; closing the cluster closes both. */
export const openReader = (config: ReaderConfig, readFile: ReadFile): { kafka: Kafka; cluster: Cluster } => {
  const kafka = createKafka(kafkaConnection(config, readFile));
  let closed = false;
  // The reader waits out what a closed connection looks like to it; once we have closed it, its patience is over.
  const clock: Clock = { ...systemClock, now: () => (closed ? Infinity : systemClock.now()) };
  const cluster: Cluster = {
    logs: kafka.logs(clock),
    partitionsOf: async (topic) => (await kafka.partitionsOf([topic]))[0],
    committed: kafka.inspector().committed,
    close: () => {
      closed = true;
      return kafka.close();
    },
  };
  return { kafka, cluster };
};

/** Far more than reading the ends of logs takes. */
const LATE_MS = 20_000;

export const late = (over: AbortSignal): Promise<void> => after(LATE_MS, undefined, { signal: over });

export const readerDeps = (readFile: ReadFile): ProbeDeps & AuditDeps => ({
  cluster: (config) => {
    const { kafka, cluster } = openReader(config, readFile);
    return { ...cluster, offset: kafka.committed };
  },
  wait: async (ms) => {
    await after(ms);
  },
  late,
  registry: (config) => {
    const url = config.schemaRegistryUrl;
    return url === undefined
      ? undefined
      : createSchemaRegistry(registryOptions({ ...config, schemaRegistryUrl: url }));
  },
  progress: process.stderr.isTTY ? (line) => void process.stderr.write(`\r\x1b[K${line}`) : undefined,
  now: () => Date.now(),
  newId: () => randomUUID(),
  stopSignal: () => {
    const controller = new AbortController();
    const stop = (): void => controller.abort();
    process.once('SIGINT', stop).once('SIGTERM', stop);
    process.stdout.on('error', (e: NodeJS.ErrnoException) => {
      // The reader of a pipe has gone: there is nobody to write for.
      if (e.code !== 'EPIPE') throw e;
      stop();
    });
    return controller.signal;
  },
  pause: (ms, stop) => after(ms, undefined, { signal: stop }).catch(() => undefined),
  post: async (url, headers, body, signal) => {
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    return { status: answer.status, body: await answer.text() };
  },
});
