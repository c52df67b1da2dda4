import type { Header, InRecord } from '@verdikt/core/record.ts';

const varintBytes = (n: number): number => {
  // Lengths are written in zigzag form.
  let bytes = 1;
  for (let z = n * 2; z >= 128; z = Math.floor(z / 128)) bytes++;
  return bytes;
};

/** Bytes of one header as it is written: name, value, and their lengths. */
export const headerBytes = ([name, value]: Header): number => {
  const n = Buffer.byteLength(name);
  const v = value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  return varintBytes(n) + n + varintBytes(v) + v;
};

/** All headers of the record in order, duplicates kept, without those named. */
export const headersWithout = (record: InRecord, names: ReadonlySet<string>): Header[] =>
  record.headerCount === 0 ? [] : record.headers().filter(([name]) => !names.has(name));

/** Value of a header as an integer in 0 .. `most`; undefined where missing or anything else. */
export const headerInteger = (
  record: InRecord,
  name: string,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  const b = record.header(name);
  if (b === undefined || b === null || b.length === 0 || b.length > 16) return undefined;
  let n = 0;
  for (let i = 0; i < b.length; i++) {
    if (b[i] < 0x30 || b[i] > 0x39) return undefined;
    n = n * 10 + (b[i] - 0x30);
  }
  return n <= most ? n : undefined;
};
