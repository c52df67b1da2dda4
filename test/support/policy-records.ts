import { InRecord, type Header, type OutRecord } from '@verdikt/core/record/record.ts';
import fc from 'fast-check';

const varint = (n: number): number[] => {
  const out: number[] = [];
  let z = n < 0 ? -2 * n - 1 : 2 * n;
  for (; z >= 128; z = Math.floor(z / 128)) out.push((z % 128) + 128);
  out.push(z);
  return out;
};

const bytes = (v: Buffer | string): Buffer => (typeof v === 'string' ? Buffer.from(v) : v);

/** The header list as Kafka encodes it, after its count. */
export const encodeHeaders = (headers: readonly Header[]): Buffer => {
  const parts: Buffer[] = [];
  for (const [name, value] of headers) {
    const n = Buffer.from(name);
    parts.push(Buffer.from(varint(n.length)), n);
    if (value === null) parts.push(Buffer.from(varint(-1)));
    else parts.push(Buffer.from(varint(bytes(value).length)), bytes(value));
  }
  return Buffer.concat(parts);
};

/** What a reader gets of a record that was written: its bytes lie within a larger buffer. */
export const readBack = (out: OutRecord, offset = 0, timestamp = 0): InRecord => {
  const key = out.key ?? Buffer.alloc(0);
  const value = bytes(out.value ?? '');
  const headers = encodeHeaders(out.headers);
  const k = 3;
  const v = k + key.length;
  const h = v + value.length;
  const buffer = Buffer.concat([Buffer.alloc(k, 0x55), key, value, headers, Buffer.alloc(5, 0x55)]);
  return new InRecord(
    buffer,
    offset,
    timestamp,
    out.key === null ? -1 : k,
    out.key === null ? -1 : v,
    out.value === null ? -1 : v,
    out.value === null ? -1 : h,
    h,
    h + headers.length,
    out.headers.length,
  );
};

/** Headers with their values as text, for comparing. */
export const asText = (headers: readonly Header[]): [string, string | null][] =>
  headers.map(([name, value]) => [name, value === null ? null : bytes(value).toString('latin1')]);

export const arbitraryBytes = (maxLength = 40): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((a) => Buffer.from(a));

const headerValue: fc.Arbitrary<Buffer> = fc.oneof(
  arbitraryBytes(),
  fc.nat().map((n) => Buffer.from(String(n))),
  fc.json().map((j) => Buffer.from(j)),
);

/** Any record, with headers that may bear our names, any number of times, and any value. */
export const arbitraryRecord = (names: readonly string[]): fc.Arbitrary<OutRecord> => {
  const name = fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 }));
  const headers = fc.array(fc.tuple(name, fc.option(headerValue)), { maxLength: 12 });
  return fc
    .tuple(fc.option(arbitraryBytes()), fc.option(arbitraryBytes()), headers)
    .map(([key, value, list]): OutRecord => ({ key, value, headers: list }));
};
