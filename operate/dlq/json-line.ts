import { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { DeadLetter } from './letter.ts';
import { makeRecord as inRecord } from '@verdikt/core/record/make-record.ts';

/** A dead letter as one line of an export: what it says, and its bytes as they are. */
export interface ExportLine {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  /** Base64; null as in the log. */
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null;

/** The bytes of a record, to be read back by `importLine`. */
export const exportLine = (record: InRecord, topic: string, partition: number): ExportLine => ({
  topic,
  partition,
  offset: record.offset,
  timestamp: record.timestamp,
  key: base64(record.key),
  value: base64(record.value),
  headers: record.headers().map(([name, value]) => [name, base64(value as Buffer | null)] as const),
});

/** What an export or `--json` says about a letter, without its bytes. */
export const letterJson = (l: DeadLetter, key: Buffer | null): Record<string, unknown> => ({
  topic: l.place.topic,
  partition: l.place.partition,
  offset: l.place.offset,
  timestamp: l.timestamp,
  dialect: l.dialect,
  id: l.id ?? null,
  keyText: key?.toString('utf8') ?? null,
  reason: l.reason,
  kind: l.kind,
  stage: l.stage,
  error: l.error,
  attempts: l.attempts ?? null,
  disposition: l.disposition,
  stub: l.stub,
  redrive: l.redrive,
  original: {
    topic: l.original.topic ?? null,
    partition: l.original.partition ?? null,
    offset: l.original.offset ?? null,
    timestamp: l.original.timestamp ?? null,
  },
});

export interface Imported {
  readonly topic: string;
  readonly partition: number;
  readonly record: InRecord;
}

/** Reads a line of an export; throws INPUT_INVALID with the number of the line. */
export const importLine = (line: string, number: number): Imported => {
  const wrong = (why: string): ServiceError =>
    new ServiceError('INPUT_INVALID', `Line ${number} is no exported dead letter: ${why}.`, { line: number });
  let j: Partial<ExportLine> | null;
  try {
    j = JSON.parse(line) as Partial<ExportLine> | null;
  } catch {
    throw wrong('it is not JSON');
  }
  if (typeof j !== 'object' || j === null) throw wrong('it is not an object');
  const whole = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  const bytes = (v: unknown, name: string): Buffer | null => {
    if (v === null) return null;
    if (typeof v !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(v)) throw wrong(`${name} is not base64`);
    return Buffer.from(v, 'base64');
  };
  if (typeof j.topic !== 'string') throw wrong('it has no topic');
  if (!whole(j.partition) || !whole(j.offset)) throw wrong('it has no partition and offset');
  if (!Number.isSafeInteger(j.timestamp)) throw wrong('it has no timestamp');
  if (!Array.isArray(j.headers)) throw wrong('it has no headers');
  const headers = j.headers.map((h: unknown) => {
    if (!Array.isArray(h) || h.length !== 2 || typeof h[0] !== 'string')
      throw wrong('a header is not a pair');
    return [h[0], bytes(h[1], `header ${h[0].slice(0, 50)}`)] as const;
  });
  const record = inRecord({
    offset: j.offset,
    timestamp: j.timestamp as number,
    key: bytes(j.key, 'key'),
    value: bytes(j.value, 'value'),
    headers,
  });
  return { topic: j.topic, partition: j.partition, record };
};
