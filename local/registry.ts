import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';
import { findJava } from './java.ts';
import { quickFlags } from './jvm.ts';
import { apicurioApp } from './maven.ts';
import { freePorts } from './ports.ts';
import { tail } from './run.ts';

export interface LocalRegistry {
  /** Base of the Confluent API, path included: what SCHEMA_REGISTRY_URL takes. */
  readonly url: string;
  readonly pid: number;
  /** Signals it; waits for the end after SIGKILL and SIGTERM. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, empty: it keeps everything in memory. */
  restart(): Promise<void>;
  /** Safe to call twice. */
  stop(): Promise<void>;
}

const READY_MS = 120_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** True when something that speaks the registry API answers there. */
export const answersRegistry = async (url: string, timeoutMs = 2000): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(timeoutMs) });
    return response.ok && Array.isArray(await response.json());
  } catch {
    return false;
  }
};

/**
 * Starts Apicurio Registry in memory on loopback (its management port too) and resolves when its Confluent API answers. It
 * ends with `stop`, and in any case when this process ends. Rejects CONFIG_INVALID (no Java 21, no Maven) or
 * SCHEMA_UNAVAILABLE (with its log).
 */
export const startRegistry = async (
  options: { readonly say?: (line: string) => void; /** Default: a free one. */ readonly port?: number } = {},
): Promise<LocalRegistry> => {
  const jre = await findJava(21, options.say);
  const app = await apicurioApp(options.say);
  const [free, managementPort] = await freePorts(2);
  const port = options.port ?? free;
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-registry-'));
  const logFile = join(folder, 'registry.log');
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const args = [
    '-Xmx256m',
    ...quickFlags(),
    '-Dquarkus.http.host=127.0.0.1',
    `-Dquarkus.http.port=${port}`,
    '-Dquarkus.management.host=127.0.0.1',
    `-Dquarkus.management.port=${managementPort}`,
    '-jar',
    join(app, 'quarkus-run.jar'),
  ];
  let child: Child;
  const stop = async (): Promise<void> => {
    await child?.stop(0); // it has nothing to lose
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (): Promise<void> => {
    child = await startChild(jre.java, args, { logFile, scratch: folder, cwd: folder });
    const started = Date.now();
    while (!(await answersRegistry(url))) {
      const exit = child.exit();
      if (exit === undefined && Date.now() - started < READY_MS) {
        await pause(100);
        continue;
      }
      const log = tail(await readFile(logFile, 'utf8'), 15);
      const what =
        exit === undefined
          ? `did not answer within ${READY_MS / 1000} s`
          : `ended with ${exit.signal ?? exit.code}`;
      await stop();
      throw new ServiceError('SCHEMA_UNAVAILABLE', `Apicurio Registry ${what}. The end of its log:\n${log}`, {
        port,
      });
    }
  };
  await start();
  return {
    url,
    get pid() {
      return child.pid;
    },
    kill: async (signal) => {
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await child.wait();
    },
    restart: async () => {
      await child.stop(0);
      await start();
    },
    stop,
  };
};
