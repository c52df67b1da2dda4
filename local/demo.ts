import { randomBytes } from 'node:crypto';
import { at } from '@verdikt/core/at.ts';
import { join } from 'node:path';
import { applyTopics } from '@verdikt/cli/topics/topics.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import { processorSchema } from '@verdikt/processor/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import type { ProcessorConfig } from '@verdikt/processor/config.ts';
import { PROCESSOR_ENV } from '@verdikt/processor/memory.ts';
import { EDGE_ENV } from '@verdikt/producer/memory.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';
import { registerSchemas } from '@verdikt/schemas/register.ts';
import { freePorts } from './ports.ts';
import { POISON, SAMPLES } from './samples.ts';
import { startService, type ServiceOptions, type ServiceProcess } from './service-process.ts';
import type { Tracker } from './tracker.ts';

interface Connections {
  readonly config: ProcessorConfig;
  readonly kafka: Kafka;
}

/** As the operator's tools do it: creates the topics, then registers the schemas. Running it again changes nothing. */
export const prepare = async (
  config: ProcessorConfig,
  readFile: (path: string) => string,
): Promise<Connections> => {
  const kafka = createKafka(kafkaConnection(config, readFile));
  await kafka.assertSupported('processor');
  const admin = kafka.admin();
  const topics = systemTopics(config);
  await applyTopics(admin, topics, { partitions: config.partitions });
  await admin.close();
  await registerSchemas(registryOptions(config), topics);
  return { config, kafka };
};

export interface Starter {
  /** Resolves with its base URL. */
  edge(port: number): Promise<string>;
  /** `fields`: of its configuration, as the text of their variables. */
  processor(name: string, fields: Readonly<Record<string, string>>): Promise<ServiceProcess>;
}

interface StarterOptions {
  readonly env: NodeJS.ProcessEnv;
  /** For the logs. */
  readonly folder: string;
  /** Told of each that is up, again when it was started again. */
  readonly started: (process: ServiceProcess) => void;
}

/** Starts services, each a process of its own, as a deployment would have them. */
export const createStarter = ({ env, folder, started }: StarterOptions): Starter => {
  const token = randomBytes(16).toString('hex');
  const start = async (
    o: Pick<ServiceOptions, 'name' | 'script' | 'schema' | 'fields' | 'extra'>,
  ): Promise<ServiceProcess> => {
    const managementPort = at(await freePorts(1), 0);
    const process = await startService({ ...o, managementPort, folder, env });
    started(process);
    return process;
  };
  return {
    edge: async (port) => {
      await start({
        ...{ name: 'edge', script: 'producer/main.ts', schema: edgeConfigSchema },
        fields: {
          host: '127.0.0.1',
          port: String(port),
          view: 'true',
          operators: 'true',
          forecastToken: token,
          viewDirectory: join(folder, 'view'),
        },
        extra: EDGE_ENV,
      });
      return `http://127.0.0.1:${port}`;
    },
    processor: (name, fields) =>
      start({
        ...{ name, script: 'processor/main.ts', schema: processorSchema },
        fields: { ...fields, forecastToken: token },
        extra: PROCESSOR_ENV,
      }),
  };
};

/** Submits a word through REST; its id. */
export const submitWord = async (
  edge: string,
  { word, key }: { readonly word: string; readonly key?: string },
): Promise<string> => {
  const response = await fetch(`${edge}/v1/words`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ word, key }),
  });
  const body = await response.text();
  if (response.status !== 202)
    throw new ServiceError('INPUT_INVALID', `The edge answers ${response.status} to "${word}": ${body}`);
  return (JSON.parse(body) as { id: string }).id;
};

/** Submits the samples through REST in order, and writes one poison record past the edge. */
export const submitSamples = async (
  edge: string,
  { config, kafka }: Connections,
  tracker: Tracker,
): Promise<void> => {
  const { words } = systemTopics(config);
  const sink = await kafka.sink({ topic: words });
  const key = Buffer.from('poison');
  const partition = partitionOf(key, config.partitions);
  const appended = await sink.append([{ partition, record: { key, value: POISON, headers: [] } }]);
  await sink.stop();
  const [result] = appended ?? [];
  if (result === undefined || !result.ok)
    throw new ServiceError('APPEND_UNCONFIRMED', 'The poison record could not be written.', { result });
  tracker.poisoned({ partition, offset: result.offset });
  for (const sample of SAMPLES) tracker.submitted({ sample, id: await submitWord(edge, sample) });
};
