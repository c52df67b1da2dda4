import { applyTopics } from '@verdikt/cli/topics.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/kafka-config.ts';
import { partitionOf } from '@verdikt/core/murmur2.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import type { Kafka } from '@verdikt/kafka/connect.ts';
import { processorSchema } from '@verdikt/processor/config.ts';
import { systemTopics } from '@verdikt/core/topics.ts';
import type { ProcessorConfig } from '@verdikt/processor/config.ts';
import { PROCESSOR_NODE_OPTIONS } from '@verdikt/processor/node-options.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';
import { registerSchemas } from '@verdikt/schemas/register.ts';
import { freePorts } from './ports.ts';
import { POISON, SAMPLES } from './samples.ts';
import { startService } from './service-process.ts';
import type { ServiceProcess } from './service-process.ts';
import type { Tracker } from './tracker.ts';

export interface Connections {
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

export interface Services {
  /** Base URL of the edge. */
  readonly edge: string;
  readonly processes: readonly ServiceProcess[];
}

export interface ServicesOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string;
  /** Config fields of every processor, as the text of their variables. */
  readonly processor: Readonly<Record<string, string>>;
  /** Told at once, so that what did start can be stopped when another does not. */
  readonly started: (process: ServiceProcess) => void;
}

/** One edge and two processors, each a process of its own, as a deployment would have them. */
export const startServices = async ({
  env,
  folder,
  processor,
  started,
}: ServicesOptions): Promise<Services> => {
  const [port, ...management] = await freePorts(4);
  const start = async (
    name: string,
    script: string,
    i: number,
    fields: Readonly<Record<string, string>>,
  ): Promise<ServiceProcess> => {
    const schema = script.startsWith('producer') ? edgeConfigSchema : processorSchema;
    const process = await startService({
      name,
      script,
      schema,
      fields,
      managementPort: management[i],
      folder,
      env,
      extra: script.startsWith('producer') ? {} : { NODE_OPTIONS: PROCESSOR_NODE_OPTIONS },
    });
    started(process);
    return process;
  };
  const settled = await Promise.allSettled([
    start('edge', 'producer/main.ts', 0, { host: '127.0.0.1', port: String(port) }),
    start('processor-1', 'processor/main.ts', 1, processor),
    start('processor-2', 'processor/main.ts', 2, processor),
  ]);
  for (const s of settled) if (s.status === 'rejected') throw s.reason;
  return {
    edge: `http://127.0.0.1:${port}`,
    processes: settled.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : [])),
  };
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
  for (const sample of SAMPLES) {
    const { word, key: given } = sample;
    const response = await fetch(`${edge}/v1/words`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(given === undefined ? { word } : { word, key: given }),
    });
    const body = await response.text();
    if (response.status !== 202)
      throw new ServiceError('INPUT_INVALID', `The edge answers ${response.status} to "${word}": ${body}`);
    tracker.submitted({ sample, id: (JSON.parse(body) as { id: string }).id });
  }
};
