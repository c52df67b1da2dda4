// Puts Kafka, the registry, HTTP and the process behind the ports of the commands that read topics.
import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { late, openReader as openConnection } from '@verdikt/operate/adapters/cluster.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import type { AuditDeps } from '../commands/audit.ts';
import type { ProbeDeps } from '../commands/probe.ts';
import type { ReaderConfig } from '../shell/reader-config.ts';

/** As `openReader` of the core, by configuration. */
export const openReader = (config: ReaderConfig, readFile: ReadFile): ReturnType<typeof openConnection> =>
  openConnection(kafkaConnection(config, readFile));

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
