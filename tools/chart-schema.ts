import type { TObject } from 'typebox';
import { fieldsOf, NOTE_KEYWORDS } from '@verdikt/core/config/fields.ts';
import { kafkaFields, registryFields } from '@verdikt/core/config/kafka.ts';
import { processorSchema } from '@verdikt/processor/config.ts';
import { edgeConfigSchema } from '@verdikt/producer/config.ts';
import * as values from './chart-values.ts';

type Schema = Readonly<Record<string, unknown>>;

/** Said once for both services, in `kafka`, `schemaRegistry` and `topics`. */
const SHARED = [
  ...Object.keys(kafkaFields).filter(
    (f) => !['clientId', 'connectionTimeoutMs', 'requestTimeoutMs'].includes(f),
  ),
  ...Object.keys(registryFields).filter((f) => f !== 'schemaRegistryTimeoutMs'),
];

/** A field as JSON Schema without our notes; the reason stays as part of its description. */
const plain = (schema: Schema): Schema =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      NOTE_KEYWORDS.some((k) => k === key) ? undefined : value,
    ),
  ) as Schema;

const configOf = (schema: TObject): Schema => {
  const fields = fieldsOf(schema).filter((f) => !SHARED.includes(f.name) && !SHARED.includes(f.fileOf ?? ''));
  return values.object(Object.fromEntries(fields.map((f) => [f.name, plain(f.schema)])));
};

/** `values.schema.json`: the fields of the services as they check them themselves, the rest from chart-values.ts. */
export const valuesSchemaText = (objectives: readonly string[]): string => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the verdikt chart',
    ...values.chartValues({
      edge: configOf(edgeConfigSchema),
      processor: configOf(processorSchema),
      prefix: plain(kafkaFields.topicPrefix as unknown as Schema),
      group: plain(kafkaFields.group as unknown as Schema),
      partitions: plain(kafkaFields.partitions as unknown as Schema),
      mechanisms: (kafkaFields.kafkaSaslMechanism as unknown as { enum: string[] }).enum,
      objectives,
    }),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
};
