import { makeRecord } from './make-record.ts';
import type { InRecord } from './record.ts';

/** A record as JSON with all its bytes. */
export interface RecordJson {
  readonly offset: number;
  readonly timestamp: number;
  /** Base64; null as in the log. */
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

/** To be read back by `readRecordJson`. */
export const recordJson = (record: InRecord): RecordJson => ({
  offset: record.offset,
  timestamp: record.timestamp,
  key: base64(record.key),
  value: base64(record.value),
  headers: record.headers().map(([name, value]) => [name, base64(value as Buffer | null)] as const),
});

export const isWhole = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;

/** Reads what `recordJson` writes. Throws what `wrong` makes of the reason. */
export const readRecordJson = (
  { offset, timestamp, key, value, headers }: Readonly<Partial<Record<keyof RecordJson, unknown>>>,
  wrong: (why: string) => Error,
): InRecord => {
  const bytes = (v: unknown, name: string): Buffer | null => {
    if (v === null) return null;
    if (typeof v !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(v)) throw wrong(`${name} is not base64`);
    return Buffer.from(v, 'base64');
  };
  if (!isWhole(offset)) throw wrong('it has no offset');
  if (!Number.isSafeInteger(timestamp)) throw wrong('it has no timestamp');
  if (!Array.isArray(headers)) throw wrong('it has no headers');
  return makeRecord({
    ...{ offset, timestamp: timestamp as number, key: bytes(key, 'key'), value: bytes(value, 'value') },
    headers: headers.map((h: unknown) => {
      if (!Array.isArray(h) || h.length !== 2 || typeof h[0] !== 'string')
        throw wrong('a header is not a pair');
      return [h[0], bytes(h[1], `header ${h[0].slice(0, 50)}`)] as const;
    }),
  });
};
