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

const write = (into: Buffer, at: number, b: Bytes): number =>
  b === null || b === undefined ? at : at + (typeof b === 'string' ? into.write(b, at) : b.copy(into, at));

const pairs = (headers: RecordSpec['headers']): readonly Header[] =>
  headers === undefined
    ? []
    : Array.isArray(headers)
      ? (headers as readonly Header[])
      : Object.entries(headers as object);

/** A record as a fetch delivers it: key, value and encoded headers in one buffer of its own. */
export const inRecord = (spec: RecordSpec): InRecord => {
  const { key, value } = spec;
  const headers = pairs(spec.headers);
  const k = sizeOf(key);
  const v = sizeOf(value);
  let h = 0;
  for (const [name, content] of headers) {
    const n = Buffer.byteLength(name);
    h += lengthBytes(n) + n + lengthBytes(content === null ? -1 : sizeOf(content)) + sizeOf(content);
  }
  const buffer = Buffer.allocUnsafe(k + v + h);
  write(buffer, 0, key);
  write(buffer, k, value);
  let p = k + v;
  for (const [name, content] of headers) {
    p = writeLength(buffer, p, Buffer.byteLength(name));
    p = write(buffer, p, name);
    p = writeLength(buffer, p, content === null ? -1 : sizeOf(content));
    p = write(buffer, p, content);
  }
  const noKey = key === null || key === undefined;
  const noValue = value === null || value === undefined;
  return new InRecord(
    buffer,
    spec.offset ?? 0,
    spec.timestamp ?? -1,
    noKey ? -1 : 0,
    noKey ? -1 : k,
    noValue ? -1 : k,
    noValue ? -1 : k + v,
    k + v,
    k + v + h,
    headers.length,
  );
};

/** The record that a log keeps of one that was written. */
export const stored = (record: OutRecord, offset: number, timestamp: number): InRecord =>
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
