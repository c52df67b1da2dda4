import avro from 'avsc';
import type { ForSchemaOptions, Type, types } from 'avsc';

/** What avsc drops when it reads a schema. */
const noted = new WeakMap<Type, string>();

/** Those of the specification that say what a number or bytes mean, with the type that they annotate; elsewhere they are ignored. */
const ANNOTATES: Readonly<Record<string, readonly string[]>> = {
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  date: ['int'],
  decimal: ['bytes', 'fixed'],
  'big-decimal': ['bytes'],
};

/** Units in a millisecond. A local timestamp is taken as UTC. */
const PER_MILLI: Readonly<Record<string, bigint>> = { millis: 1n, micros: 1_000n, nanos: 1_000_000n };

const reading = new WeakSet<object>();

/** For `Type.forSchema`: logical types are noted, and the types stay as they are without them. */
export const noteLogicalTypes: NonNullable<ForSchemaOptions['typeHook']> = (schema, opts) => {
  const { logicalType } = schema as { logicalType?: unknown };
  if (typeof logicalType !== 'string' || reading.has(schema as object)) return undefined;
  reading.add(schema as object);
  try {
    const type = avro.Type.forSchema(schema, opts);
    if (ANNOTATES[logicalType]?.includes(type.typeName) === true) noted.set(type, logicalType);
    return type;
  } finally {
    reading.delete(schema as object);
  }
};

/** The logical type of one read with `noteLogicalTypes`; undefined where it has none that counts. */
export const logicalOf = (type: Type): string | undefined => noted.get(type);

/** How many units of a point in time are a millisecond; undefined for what is none. */
export const unitOf = (type: Type): bigint | undefined => {
  const [, unit] = /^(?:local-)?timestamp-(\w+)$/.exec(logicalOf(type) ?? '') ?? [];
  return unit === undefined ? undefined : PER_MILLI[unit];
};

const fieldsOf = (type: Type): readonly types.Field[] => (type as Partial<types.RecordType>).fields ?? [];

/** Two schemas have the same bytes and mean the same by them: the times of our records are fields of their own. A plain long is in milliseconds. */
export const sameSchema = (a: Type, b: Type): boolean => {
  const meanings = (type: Type) =>
    fieldsOf(type).map((f) => unitOf(f.type) ?? (logicalOf(f.type) === undefined ? 1n : logicalOf(f.type)));
  const other = meanings(b);
  return a.equals(b) && meanings(a).every((meaning, i) => meaning === other[i]);
};
