import { systemId } from '@verdikt/core/record/system.ts';
import { PROCESSOR_ENV } from '@verdikt/processor/memory.ts';
import { join } from 'node:path';
import type { Cell } from './cell.ts';
import { kafkaCell, type WorkerTask } from './kafka-cell.ts';
import type { Shape } from './words.ts';

/** The configuration of a processor for this task; everything else is its default. */
const processorEnv = (task: WorkerTask): Record<string, string> => ({
  KAFKA_BROKERS: task.brokers.join(','),
  SCHEMA_REGISTRY_URL: task.registryUrl,
  VERDIKT_GROUP: task.group,
  VERDIKT_PARTITIONS: String(task.partitions),
  VERDIKT_SOURCE_TOPIC: task.words,
  VERDIKT_RESULT_TOPIC: task.results,
  VERDIKT_MANAGEMENT_HOST: '127.0.0.1',
  VERDIKT_MANAGEMENT_PORT: '0',
  VERDIKT_LOG_LEVEL: 'warn',
  ...(task.tlsCaFile === undefined
    ? {}
    : { VERDIKT_KAFKA_TLS_ENABLED: 'true', VERDIKT_KAFKA_TLS_CA_FILE: task.tlsCaFile }),
});

const topics = ({ words, group }: WorkerTask): string[] => [
  `${words}.retry.${group}`,
  `${words}.dlq`,
  `${words}.control.${group}`,
];

interface Variant {
  readonly name: string;
  readonly title: string;
  readonly shape?: Shape;
  readonly workers?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The processor as it is shipped, but for what a variant says. */
export const oursCell = ({ env, ...variant }: Variant): Cell =>
  kafkaCell({
    ...variant,
    records: Infinity,
    topics,
    progressGroup: (task) => systemId(task.words, task.group),
    command: (task) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, '..', 'processor', 'main.ts')],
      env: { ...processorEnv(task), ...PROCESSOR_ENV, ...env },
    }),
  });
