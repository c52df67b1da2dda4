import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { topicNames, type TopicNames } from '@verdikt/core/topics.ts';
import { startChild, type Child } from '@verdikt/local/child.ts';
import { freePorts } from '@verdikt/local/ports.ts';

export interface Service extends Child {
  /** Base URL of its management port. */
  readonly management: string;
  /** What it has logged so far. */
  log(): Promise<string>;
}

export interface Edge extends Service {
  readonly url: string;
}

export interface SystemOptions {
  readonly partitions?: number;
  /** Settings of every service, for example `{ VERDIKT_CHAIN: '["palindrome"]' }`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: KAFKA_BROKERS. */
  readonly brokers?: string;
}

/** Real services on a real broker under a topic prefix of their own. */
export interface System {
  readonly brokers: string;
  readonly topics: TopicNames;
  readonly partitions: number;
  edge(): Promise<Edge>;
  processor(env?: Readonly<Record<string, string>>): Promise<Service>;
  stop(): Promise<void>;
}

const GROUP = 'verdikt';

const needed = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set; run the scenarios with npm test`);
  return value;
};

const untilReady = async (s: Service): Promise<void> => {
  const until = Date.now() + 30_000;
  while (Date.now() < until) {
    if (s.exit() !== undefined) break;
    const ok = await fetch(`${s.management}/readyz`).then(
      (r) => r.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`the service did not become ready:\n${(await s.log()).slice(-4000)}`);
};

/** Creates topics and schemas under a fresh prefix. */
export const openSystem = async (options: SystemOptions = {}): Promise<System> => {
  const brokers = options.brokers ?? needed('KAFKA_BROKERS');
  const registry = needed('SCHEMA_REGISTRY_URL');
  const prefix = `s${randomBytes(4).toString('hex')}.`;
  const partitions = options.partitions ?? 12;
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-scenario-'));
  const running: Child[] = [];
  let n = 0;

  const base: Record<string, string> = {
    ...(process.env as Record<string, string>),
    KAFKA_BROKERS: brokers,
    SCHEMA_REGISTRY_URL: registry,
    VERDIKT_TOPIC_PREFIX: prefix,
    VERDIKT_GROUP: GROUP,
    VERDIKT_PARTITIONS: String(partitions),
    VERDIKT_LOG_LEVEL: 'info',
    ...options.env,
  };

  const start = async (main: string, env: Readonly<Record<string, string>>): Promise<Service> => {
    const [management] = await freePorts(1);
    const logFile = join(folder, `${n++}.log`);
    const child = await startChild(process.execPath, [main], {
      env: { ...base, VERDIKT_MANAGEMENT_HOST: '127.0.0.1', VERDIKT_MANAGEMENT_PORT: String(management), ...env },
      logFile,
    });
    running.push(child);
    const service: Service = {
      ...child,
      management: `http://127.0.0.1:${management}`,
      log: () => readFile(logFile, 'utf8'),
    };
    await untilReady(service);
    return service;
  };

  const cli = async (...args: string[]): Promise<void> => {
    const logFile = join(folder, `${n++}.log`);
    const child = await startChild(process.execPath, ['cli/main.ts', ...args], { env: base, logFile });
    const exit = await child.wait();
    if (exit.code !== 0) throw new Error(`verdikt ${args.join(' ')} failed:\n${await readFile(logFile, 'utf8')}`);
  };
  await cli('topics', 'apply');
  await cli('schemas', 'register');

  return {
    brokers,
    topics: topicNames(prefix, GROUP),
    partitions,
    edge: async () => {
      const [port] = await freePorts(1);
      const env = { VERDIKT_HTTP_HOST: '127.0.0.1', VERDIKT_HTTP_PORT: String(port) };
      return { ...(await start('producer/main.ts', env)), url: `http://127.0.0.1:${port}` };
    },
    processor: (env = {}) => start('processor/main.ts', env),
    stop: async () => {
      await Promise.all(running.map((c) => c.stop(0)));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
