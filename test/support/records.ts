import { InRecord, type Header, type OutRecord } from '@verdikt/core/record/record.ts';

/** What a test says about a record; strings are UTF-8. Headers as pairs, or as an object where order does not matter. */
export interface RecordSpec {
  readonly key?: Buffer | string | null;
  readonly value?: Buffer | string | null;
  readonly headers?: readonly Header[] | Readonly<Record<string, string | null>>;
  readonly offset?: number;
  /** Milliseconds since 1970; default -1: none. */
  readonly timestamp?: number;
}

type Bytes = Buffer | string | null | undefined;

const sizeOf = (b: Bytes): number =>
  b === null || b === undefined ? 0 : typeof b === 'string' ? Buffer.byteLength(b) : b.length;

/** Bytes of a length in zigzag varint form; -1 stands for null. */
const lengthBytes = (n: number): number => {
  let bytes = 1;
  for (let z = n < 0 ? 1 : n * 2; z >= 128; z = Math.floor(z / 128)) bytes++;
  return bytes;
};

const writeLength = (into: Buffer, at: number, n: number): number => {
  let z = n < 0 ? 1 : n * 2;
  let p = at;
  while (z >= 128) {
    into[p++] = (z % 128) + 128;
    z = Math.floor(z / 128);
  }
  into[p++] = z;
  return p;
};

const write = (into: Buffer, at: number, b: Bytes): number => {
  if (typeof b === 'string') return at + into.write(b, at);
  if (b === null || b === undefined) return at;
  b.copy(into, at);
  return at + b.length;
};

const pairs = (headers: RecordSpec['headers']): readonly Header[] =>
  headers === undefined
    ? []
    : Array.isArray(headers)
      ? (headers as readonly Header[])
      : Object.entries(headers as object);

/** Bytes of others before and behind a record, for a fetch delivers many in one buffer. */
const [BEFORE, BEHIND] = [3, 5];

/** A record as a fetch delivers it: key, value and encoded headers within a larger buffer. */
export const inRecord = (spec: RecordSpec): InRecord => {
  const { key, value } = spec;
  const headers = pairs(spec.headers);
  const k = BEFORE;
  const v = k + sizeOf(key);
  const h = v + sizeOf(value);
  let end = h;
  for (const [name, content] of headers) {
    const n = Buffer.byteLength(name);
    end += lengthBytes(n) + n + lengthBytes(content === null ? -1 : sizeOf(content)) + sizeOf(content);
  }
  const buffer = Buffer.allocUnsafe(end + BEHIND);
  buffer.fill(0x55, 0, BEFORE);
  buffer.fill(0x55, end);
  write(buffer, k, key);
  write(buffer, v, value);
  let p = h;
  for (const [name, content] of headers) {
    p = writeLength(buffer, p, Buffer.byteLength(name));
    p = write(buffer, p, name);
    p = writeLength(buffer, p, content === null ? -1 : sizeOf(content));
    p = write(buffer, p, content);
  }
  const noKey = key === null || key === undefined;
  const noValue = value === null || value === undefined;
  const { offset = 0, timestamp = -1 } = spec;
  return new InRecord(
    ...([buffer, offset, timestamp, noKey ? -1 : k, noKey ? -1 : v] as const),
    ...([noValue ? -1 : v, noValue ? -1 : h, h, end, headers.length] as const),
  );
};

/** The header list as Kafka encodes it, after its count. */
export const encodeHeaders = (headers: readonly Header[]): Buffer => {
  const r = inRecord({ headers });
  return r.buffer.subarray(r.headersStart, r.headersEnd);
};

/** The record that a log keeps of one that was written. */
export const stored = (record: OutRecord, offset = 0, timestamp = 0): InRecord =>
  inRecord({ key: record.key, value: record.value, headers: record.headers, offset, timestamp });

/** A record to be written, from the same short form. */
export const outRecord = (spec: RecordSpec): OutRecord => ({
  key: typeof spec.key === 'string' ? Buffer.from(spec.key) : (spec.key ?? null),
  value: spec.value ?? null,
  headers: pairs(spec.headers),
  ...(spec.timestamp === undefined ? {} : { timestamp: spec.timestamp }),
});

/** A record as plain data, to be compared in tests. Of headers with the same name all are kept. */
export interface PlainRecord {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

export const plain = (r: InRecord): PlainRecord => ({
  offset: r.offset,
  key: r.key?.toString('utf8') ?? null,
  value: r.value?.toString('utf8') ?? null,
  headers: r.headers().map(([name, value]) => [name, value === null ? null : value.toString('utf8')]),
});

/** Headers with their values as text, byte for byte, to be compared in tests. */
export const asText = (headers: readonly Header[]): [string, string | null][] =>
  headers.map(([name, value]) => [
    name,
    value === null ? null : (typeof value === 'string' ? Buffer.from(value) : value).toString('latin1'),
  ]);
