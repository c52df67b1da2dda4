import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { createSubmissionEncoder } from '../../../schemas/encode.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { subjectOf } from '@verdikt/schemas/register.ts';
import { WORD_SUBMITTED_SCHEMA } from '@verdikt/schemas/types.ts';
import type { Stage } from '../cell.ts';

export interface Raw {
  readonly id: string;
  readonly key: string;
  readonly value: Buffer | null;
  /** Default: that of the key. */
  readonly partition?: number;
}

/** Writes records straight into `words`, as anybody else with access to the topic might. */
export const writePastTheEdge = async ({ kafka, system }: Stage, records: readonly Raw[]): Promise<void> => {
  const client = createKafka({ brokers: kafka.brokers, clientId: 'past-the-edge' });
  const sink = await client.sink({ topic: system.topics.words });
  const appended = await sink.append(
    records.map(({ id, key, value, partition }) => ({
      partition: partition ?? partitionOf(Buffer.from(key), system.partitions),
      record: { key: Buffer.from(key), value, headers: [['id', id]] as [string, string][] },
    })),
  );
  await sink.stop();
  await client.close();
  if (appended?.every((a) => a.ok) !== true) throw new Error('the broker did not take the records');
};

/** Encodes words as the edge does. */
export const encoderOf = async (
  { system }: Stage,
  registryUrl: string,
): Promise<(word: string) => Buffer> => {
  const registry = createSchemaRegistry({ url: registryUrl });
  const id = await registry.idOf(subjectOf(system.topics.words), WORD_SUBMITTED_SCHEMA);
  const encode = createSubmissionEncoder(id);
  return (word) => encode(word, 1);
};
