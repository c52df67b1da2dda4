import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envName } from '@verdikt/core/config/env-name.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { prepare } from '@verdikt/local/demo.ts';
import { freePorts } from '@verdikt/local/ports.ts';
import { run, type RunResult } from '@verdikt/local/run.ts';
import {
  envFor,
  startService,
  type ServiceOptions,
  type ServiceProcess,
} from '@verdikt/local/service-process.ts';
import { loadProcessorConfig, processorSchema } from '@verdikt/processor/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { PROCESSOR_ENV } from '@verdikt/processor/memory.ts';
import { EDGE_ENV } from '@verdikt/producer/memory.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';

export interface Service extends ServiceProcess {
  /** Base URL of its management port. */
  readonly management: string;
  log(): Promise<string>;
}

export interface Edge extends Service {
  readonly url: string;
}

export interface SystemOptions {
  readonly partitions?: number;
  /** Names, for all services and tools: `topicPrefix` (default a fresh one), `group`, `resultTopic`, `deadLetterTopic`. */
  readonly names?: Fields;
  /** Config fields of every processor, as the text of their variables. */
  readonly processor?: Fields;
  /** Config fields of every edge. */
  readonly edge?: Fields;
  /** Default: KAFKA_BROKERS. */
  readonly brokers?: string;
  /** Default: SCHEMA_REGISTRY_URL. */
  readonly registryUrl?: string;
  /** Checkout from which the services run; default this one. */
  readonly root?: string;
}

/** How one process is started, beside its configuration. */
export interface Start extends Pick<ServiceOptions, 'root' | 'under' | 'until'> {
  /** Variables that are none of ours; they go over what it would get. */
  readonly extra?: Readonly<Record<string, string>>;
}

export type Fields = Readonly<Record<string, string>>;

/** Real services on a real broker under a topic prefix of their own. */
export interface System {
  readonly brokers: string;
  readonly topics: TopicNames;
  /** As configured; see core/record/system.ts. */
  readonly group: string;
  readonly partitions: number;
  /** As configured. */
  readonly prefix: string;
  /** Of the logs of its processes; gone with it. */
  readonly folder: string;
  edge(fields?: Fields, start?: Start): Promise<Edge>;
  processor(fields?: Fields, start?: Start): Promise<Service>;
  /** Runs `verdikt` with these arguments, as an operator of this system would. Never rejects. */
  tool(args: readonly string[]): Promise<RunResult>;
  /** Kills what still runs. */
  stop(): Promise<void>;
}

const here = join(import.meta.dirname, '../../..');
const TOOL_MS = 180_000;

const needed = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set; run the scenarios with npm test`);
  return value;
};

/** Creates topics and schemas under a fresh prefix. */
export const openSystem = async (options: SystemOptions = {}): Promise<System> => {
  const brokers = options.brokers ?? needed('KAFKA_BROKERS');
  const registryUrl = options.registryUrl ?? needed('SCHEMA_REGISTRY_URL');
  const partitions = options.partitions ?? 12;
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-scenario-'));
  const running: ServiceProcess[] = [];
  let n = 0;

  const env: NodeJS.ProcessEnv = {
    ...process.env,
    KAFKA_BROKERS: brokers,
    SCHEMA_REGISTRY_URL: registryUrl,
    VERDIKT_TOPIC_PREFIX: `s${randomBytes(4).toString('hex')}.`,
    VERDIKT_PARTITIONS: String(partitions),
    ...Object.fromEntries(Object.entries(options.names ?? {}).map(([field, text]) => [envName(field), text])),
  };
  // Jest's own settings are not for our services.
  delete env.NODE_OPTIONS;
  const config = loadProcessorConfig(envFor(processorSchema, env), (path) => readFileSync(path, 'utf8'));
  const { kafka } = await prepare(config, (path) => readFileSync(path, 'utf8'));
  await kafka.close();

  const start = async (script: string, fields: Fields, how: Start): Promise<Service> => {
    const [managementPort] = await freePorts(1);
    const edge = script.startsWith('producer');
    const service = await startService({
      ...{ name: `${edge ? 'edge' : 'processor'}-${n++}`, script, fields, managementPort, folder, env },
      schema: edge ? edgeConfigSchema : processorSchema,
      ...(options.root === undefined ? {} : { root: options.root }),
      ...how,
      extra: { ...(edge ? EDGE_ENV : PROCESSOR_ENV), ...how.extra },
    });
    running.push(service);
    return {
      ...service,
      management: `http://127.0.0.1:${managementPort}`,
      log: () => readFile(service.logFile, 'utf8'),
    };
  };

  return {
    brokers,
    partitions,
    prefix: config.topicPrefix,
    folder,
    topics: systemTopics(config),
    group: config.group,
    edge: async (fields = {}, how = {}) => {
      const [port] = await freePorts(1);
      const own = { host: '127.0.0.1', port: String(port), ...options.edge, ...fields };
      return { ...(await start('producer/main.ts', own, how)), url: `http://127.0.0.1:${port}` };
    },
    processor: (fields = {}, how = {}) =>
      start('processor/main.ts', { ...options.processor, ...fields }, how),
    tool: (args) => {
      const root = options.root ?? here;
      const command = [join(root, 'cli/main.ts'), ...args];
      return run(process.execPath, command, { cwd: root, env, timeoutMs: TOOL_MS });
    },
    stop: async () => {
      await Promise.all(running.map((s) => s.child.stop(0)));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
