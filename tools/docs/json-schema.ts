import type { AvroType, RecordSchema } from '@verdikt/schemas/schema.ts';
import type { KeyAndTimes } from '@verdikt/schemas/verdict.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Of the types of Avro that our schemas use. */
const PRIMITIVES: Readonly<Record<string, JsonSchema>> = {
  null: { type: 'null' },
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  long: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER },
};

const isUnion = (t: AvroType): t is readonly AvroType[] => Array.isArray(t);

const schemaOf = (t: AvroType): JsonSchema => {
  if (isUnion(t)) return { anyOf: t.map(schemaOf) };
  const type = typeof t === 'string' ? t : t.type;
  if (typeof t !== 'string') {
    if (t.type === 'array') return { type: 'array', items: schemaOf(t.items) };
    if (t.type === 'record') return jsonSchemaOf(t);
  }
  const found = PRIMITIVES[type];
  if (found === undefined) throw new Error(`no JSON Schema for the Avro type ${type}`);
  return found;
};

/**
 * What an Avro record is in JSON as we write it: all fields are there. Others may be added by later versions, as the compatibility of
 * the schema allows.
 */
export const jsonSchemaOf = ({ name, doc, fields }: RecordSchema): JsonSchema => ({
  title: name,
  description: doc,
  type: 'object',
  properties: Object.fromEntries(
    fields.map((f) => [f.name, { ...schemaOf(f.type), description: f.doc }] as const),
  ),
  required: fields.map((f) => f.name),
});

/** What `json-full` adds. */
export const KEY_AND_TIMES: Readonly<
  Record<keyof KeyAndTimes, JsonSchema & { readonly description: string }>
> = {
  key: {
    type: ['string', 'null'],
    description: 'Key of the record; null where it has none, or one that is not UTF-8.',
  },
  submittedTime: {
    type: ['string', 'null'],
    format: 'date-time',
    description: '`submittedAt` in RFC 3339, UTC; null outside of the years 0 to 9999.',
  },
  judgedTime: {
    type: ['string', 'null'],
    format: 'date-time',
    description: '`judgedAt` in the same way.',
  },
};

/** A verdict in JSON, with what `json-full` adds: fields that `required` does not name unless they are `always` there. */
export const verdictSchemaOf = (schema: RecordSchema, always: boolean): JsonSchema => {
  const base = jsonSchemaOf(schema) as { properties: object; required: string[] };
  return {
    ...base,
    properties: { ...base.properties, ...KEY_AND_TIMES },
    required: [...base.required, ...(always ? Object.keys(KEY_AND_TIMES) : [])],
  };
};
