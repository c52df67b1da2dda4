import type { Type } from 'avsc';
import { parseJson } from '@verdikt/core/record/json.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { skipValue } from '@verdikt/schemas/payload.ts';
import { longReader } from '@verdikt/schemas/varint.ts';

const WIRE_PREFIX = 5;
const MASKED = '***';
const MAX_PREVIEW = 4_096;

/** `avro` with the fields of its schema, `json`, `text`, `hex`, or `empty`; masked fields are `***`. */
interface Payload {
  readonly format: 'avro' | 'json' | 'text' | 'hex' | 'empty' | 'hidden';
  readonly content: unknown;
  /** Why it is not shown better; empty where there is nothing to say. */
  readonly note: string;
}

/** Schema id of a value in wire format; undefined for any other value. */
export const schemaIdOf = (value: Buffer | null): number | undefined =>
  value !== null && value.length >= WIRE_PREFIX && value[0] === 0 ? value.readInt32BE(1) : undefined;

/** Replaces the value of each field of these names, at any depth. */
export const mask = (value: unknown, names: ReadonlySet<string>, depth = 0): unknown => {
  if (names.size === 0 || typeof value !== 'object' || value === null) return value;
  // Deeper than people read, and than a stack holds.
  if (depth > 64) return MASKED;
  if (Array.isArray(value)) return value.map((v) => mask(v, names, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([k, v]) => [k, names.has(k) ? MASKED : mask(v, names, depth + 1)]),
  );
};

const plain = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, v: unknown) => {
      if (typeof v === 'bigint') return v.toString();
      return v;
    }) ?? 'null',
  );

const avro = (type: Type, bytes: Buffer): unknown => {
  const r = longReader(bytes, 0, bytes.length);
  skipValue(type, r);
  if (!r.ok || r.position !== bytes.length) return undefined;
  try {
    return plain(type.fromBuffer(bytes));
  } catch {
    return undefined;
  }
};

const undecoded = (value: Buffer, names: ReadonlySet<string>, note: string): Payload => {
  const text = value.toString('utf8');
  const readable = !text.includes('\ufffd');
  if (readable && /^\s*[[{]/.test(text))
    try {
      return { format: 'json', content: mask(parseJson(text), names), note };
    } catch {
      // Shown as text.
    }
  // What has no fields cannot be masked by field.
  if (names.size > 0)
    return {
      format: 'hidden',
      content: `${value.length} bytes`,
      note: note || 'not shown: fields are masked, and it has none',
    };
  return readable
    ? { format: 'text', content: text.slice(0, MAX_PREVIEW), note }
    : { format: 'hex', content: value.subarray(0, MAX_PREVIEW / 8).toString('hex'), note };
};

/** The value of a record for people. Never rejects; `masks` are names of fields. */
export const readPayload = async (
  value: Buffer | null,
  registry: Pick<SchemaRegistry, 'byId'> | undefined,
  masks: ReadonlySet<string>,
): Promise<Payload> => {
  if (value === null || value.length === 0)
    return { format: 'empty', content: null, note: value === null ? 'null' : 'no bytes' };
  const id = schemaIdOf(value);
  if (id === undefined) return undecoded(value, masks, '');
  if (registry === undefined) return undecoded(value, masks, `schema ${id}: no registry is configured`);
  const answer = await registry.byId(id);
  if (answer.kind !== 'found')
    return undecoded(
      value,
      masks,
      `schema ${id}: ${answer.kind === 'missing' ? 'the registry does not have it' : answer.detail}`,
    );
  const decoded = avro(answer.type, value.subarray(WIRE_PREFIX));
  return decoded === undefined
    ? undecoded(value, masks, `its bytes do not fit schema ${id}`)
    : { format: 'avro', content: mask(decoded, masks), note: `schema ${id}` };
};
