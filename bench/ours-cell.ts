import { systemId } from '@verdikt/core/record/system.ts';
import { PROCESSOR_ENV } from '@verdikt/processor/memory.ts';
import { join } from 'node:path';
import type { Cell } from './cell.ts';
import { kafkaCell, type WorkerTask } from './kafka-cell.ts';
import { PARTITIONS } from './words.ts';

/** The configuration of a processor for this task; everything else is its default. */
const processorEnv = (task: WorkerTask): Record<string, string> => ({
  KAFKA_BROKERS: task.brokers.join(','),
  SCHEMA_REGISTRY_URL: task.registryUrl,
  VERDIKT_GROUP: task.group,
  VERDIKT_PARTITIONS: String(PARTITIONS),
  VERDIKT_SOURCE_TOPIC: task.words,
  VERDIKT_RESULT_TOPIC: task.results,
  VERDIKT_MANAGEMENT_HOST: '127.0.0.1',
  VERDIKT_MANAGEMENT_PORT: '0',
  VERDIKT_LOG_LEVEL: 'warn',
});

const topics = ({ words, group }: WorkerTask): string[] => [
  `${words}.retry.${group}`,
  `${words}.dlq`,
  `${words}.control.${group}`,
];

/** The processor as it is shipped. */
export const oursCell = (): Cell =>
  kafkaCell({
    name: 'ours',
    title: 'verdikt, exactly once',
    records: Infinity,
    topics,
    progressGroup: (task) => systemId(task.words, task.group),
    command: (task) => ({
      file: process.execPath,
      args: [join(import.meta.dirname, '..', 'processor', 'main.ts')],
      env: { ...processorEnv(task), ...PROCESSOR_ENV },
    }),
  });
