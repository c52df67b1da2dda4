import { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { isWhole, readRecordJson, recordJson, type RecordJson } from '@verdikt/core/record/record-json.ts';
import type { DeadLetter } from './letter.ts';

/** A dead letter as one line of an export: where it lies, and its bytes as they are. */
export interface ExportLine extends RecordJson {
  readonly topic: string;
  readonly partition: number;
}

/** The bytes of a record, to be read back by `importLine`. */
export const exportLine = (record: InRecord, topic: string, partition: number): ExportLine => ({
  ...{ topic, partition },
  ...recordJson(record),
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
  if (typeof j.topic !== 'string') throw wrong('it has no topic');
  if (!isWhole(j.partition)) throw wrong('it has no partition');
  return { topic: j.topic, partition: j.partition, record: readRecordJson(j, wrong) };
};
