import type { InRecord } from '@verdikt/core/record/record.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';

/** Texts of headers end up on terminals and in histograms. */
const MAX_TEXT = 2_000;

/** First header of that name on one line, with escapes; undefined where missing, null or empty. */
export const text = (record: InRecord, name: string): string | undefined => {
  const bytes = record.header(name);
  if (bytes === undefined || bytes === null || bytes.length === 0) return undefined;
  // Four bytes a character at most; nothing longer is decoded.
  return oneLine(
    bytes
      .subarray(0, MAX_TEXT * 4)
      .toString('utf8')
      .slice(0, MAX_TEXT),
  );
};

/** First of these headers that has a text. */
export const firstText = (record: InRecord, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = text(record, name);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** A topic of Kafka; anything else is no place to go back to. */
export const topic = (record: InRecord, ...names: readonly string[]): string | undefined => {
  const name = firstText(record, ...names);
  return name !== undefined && /^[A-Za-z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'
    ? name
    : undefined;
};

const MOST_PARTITION = 2 ** 31 - 1;

/** Decimal digits, as text. */
export const decimal = (
  record: InRecord,
  name: string,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  const digits = text(record, name);
  if (digits === undefined || !/^\d{1,16}$/.test(digits)) return undefined;
  const n = Number(digits);
  return n <= most ? n : undefined;
};

export const decimalPartition = (record: InRecord, name: string): number | undefined =>
  decimal(record, name, MOST_PARTITION);

/** Four or eight bytes, big-endian, as Java's ByteBuffer writes int and long. */
export const bigEndian = (
  record: InRecord,
  name: string,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  const bytes = record.header(name);
  if (bytes === undefined || bytes === null) return undefined;
  let n: number;
  if (bytes.length === 4) n = bytes.readInt32BE(0);
  else if (bytes.length === 8) n = Number(bytes.readBigInt64BE(0));
  else return undefined;
  return n >= 0 && n <= most ? n : undefined;
};

export const bigEndianPartition = (record: InRecord, name: string): number | undefined =>
  bigEndian(record, name, MOST_PARTITION);

/** `org.example.BadThing` → `BadThing`; an inner class keeps its own name only. */
export const shortClass = (name: string | undefined): string | undefined => {
  const last = name?.split(/[.$]/).at(-1);
  return last === undefined || last === '' ? name : last;
};
