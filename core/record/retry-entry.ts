import { H, STATE_HEADERS } from './headers.ts';
import type { Header, InRecord, OutRecord } from './record.ts';
import type { CheckResult, DeadLetterKind } from './outcome.ts';
import { headerBytes, HeaderPlaces, headersWithout } from './header-list.ts';
import { decodePassed, encodePassed } from './passed.ts';
import { safeBytes, safeText } from './safe-text.ts';

/** What the dead letter of a parked record says, beside what every entry tells, when an operator gives it up. */
export interface ParkedFor {
  readonly kind: DeadLetterKind;
  readonly error: string;
  readonly stage: string;
}

/** The place of an outstanding record in its lane, and what its next attempt needs. */
export interface RetryState {
  readonly origin: number;
  /** How often it was redriven; 0 .. 65535. */
  readonly redrive: number;
  /** The attempt that runs next; 1 .. 65535. */
  readonly attempt: number;
  /** Milliseconds since 1970; 0: at once. */
  readonly dueAt: number;
  /** Milliseconds since 1970; 0: it has not failed. */
  readonly firstFailedAt: number;
  /** Code of the last failure; empty: it has not failed. At most 128 characters. */
  readonly reason: string;
  readonly passed: readonly CheckResult[];
  /** Since when it waits for an operator; milliseconds since 1970; 0: it does not. */
  readonly parkedAt: number;
  /** Written and read only where it is parked. */
  readonly parkedFor?: ParkedFor;
}

/** A record that has left its lane. */
export interface Ended {
  readonly origin: number;
  readonly redrive: number;
}

export type RetryRecord =
  | ({ readonly kind: 'entry' } & RetryState)
  | { readonly kind: 'completed'; readonly ended: readonly Ended[] }
  | { readonly kind: 'foreign' };

const MOST = 0xffff;
const MAX_REASON = 128;
export const MAX_ERROR_BYTES = 1024;
const REPLACED: ReadonlySet<string> = new Set([
  ...STATE_HEADERS,
  H.originalTimestamp,
  H.kind,
  H.error,
  H.stage,
]);
/** What a stub says of its original is no state: it stays. */
const REPLACED_IN_STUB = new Set([...REPLACED].filter((name) => name !== H.stub && name !== H.keyDigest));
const VERSION = 1;
const PAIR = 12;
const FOREIGN: RetryRecord = { kind: 'foreign' };

/** Pairs in one completion record: 120 kB, well below what any topic accepts. */
export const MAX_ENDED_PER_RECORD = 10_000;

const COMPLETED = 0;
const ORIGIN = 1;
const REDRIVE = 2;
const ATTEMPT = 3;
const DUE_AT = 4;
const FIRST_FAILED_AT = 5;
const REASON = 6;
const PASSED = 7;
const PARKED_AT = 8;
const TIMESTAMP = 9;
const KIND = 10;
const ERROR = 11;
const STAGE = 12;
const places = new HeaderPlaces([
  H.completed,
  H.origin,
  H.redrive,
  H.attempt,
  H.dueAt,
  H.firstFailedAt,
  H.reason,
  H.passed,
  H.parkedAt,
  H.originalTimestamp,
  H.kind,
  H.error,
  H.stage,
]);

/**
 * When the record was written to `words`, milliseconds since 1970, -1 unknown. A record that was read back from elsewhere
 * says so itself; it is believed only where it names the same origin.
 */
export const originalTimestamp = (record: InRecord, origin: number): number => {
  if (record.headerCount === 0) return record.timestamp;
  places.locate(record);
  if (places.integer(record, ORIGIN) !== origin) return record.timestamp;
  const given = places.integer(record, TIMESTAMP);
  return given ?? (places.text(record, TIMESTAMP) === '-1' ? -1 : record.timestamp);
};

/** The headers that the record had in `words`, wherever it was read from. Of a stub they are not whole. */
export const originalHeaders = (record: InRecord): Header[] => headersWithout(record, REPLACED);

/**
 * Bytes of key, value and headers that the record had in `words`: its state in the retry topic does not count, so that it is
 * the same wherever the record was read from.
 */
export const originalBytes = (record: InRecord): number => {
  if (record.truncated > 0) return record.truncated;
  const headers = originalHeaders(record).reduce((n, h) => n + headerBytes(h), 0);
  return record.size - (record.headersEnd - record.headersStart) + headers;
};

/**
 * The entry of a record in the retry topic: its bytes and headers as they are, in order, then its state; older state is
 * replaced. Headers whose value is the default (redrive 0, no failure, nothing passed, not parked) are left out.
 */
export const retryEntry = (record: InRecord, s: RetryState): OutRecord => {
  const headers: Header[] = headersWithout(record, record.truncated > 0 ? REPLACED_IN_STUB : REPLACED);
  headers.push(
    [H.originalTimestamp, String(originalTimestamp(record, s.origin))],
    [H.origin, String(s.origin)],
    [H.attempt, String(s.attempt)],
    [H.dueAt, String(s.dueAt)],
  );
  if (s.redrive > 0) headers.push([H.redrive, String(s.redrive)]);
  if (s.firstFailedAt > 0) headers.push([H.firstFailedAt, String(s.firstFailedAt)]);
  if (s.reason !== '') headers.push([H.reason, safeText(s.reason, MAX_REASON)]);
  if (s.passed.length > 0) headers.push([H.passed, encodePassed(s.passed)]);
  if (s.parkedAt > 0) headers.push([H.parkedAt, String(s.parkedAt)]);
  if (s.parkedAt > 0 && s.parkedFor !== undefined)
    headers.push(
      [H.kind, s.parkedFor.kind],
      [H.error, safeBytes(s.parkedFor.error, MAX_ERROR_BYTES)],
      [H.stage, safeText(s.parkedFor.stage, MAX_REASON)],
    );
  return { key: record.key, value: record.value, headers };
};

/** Lists records that have ended; at most `MAX_ENDED_PER_RECORD`, else RangeError. */
export const completionRecord = (ended: readonly Ended[]): OutRecord => {
  if (ended.length > MAX_ENDED_PER_RECORD)
    throw new RangeError(`${ended.length} ended records do not fit one completion record`);
  const value = Buffer.alloc(1 + ended.length * PAIR);
  value[0] = VERSION;
  let p = 1;
  for (const e of ended) {
    value.writeBigInt64BE(BigInt(e.origin), p);
    value.writeInt32BE(e.redrive, p + 8);
    p += PAIR;
  }
  return { key: null, value, headers: [[H.completed, String(VERSION)]] };
};

/** As many completion records of at most `maxBytes` as the list needs; none for an empty list. */
export const completionRecords = (ended: readonly Ended[], maxBytes = Infinity): OutRecord[] => {
  const out: OutRecord[] = [];
  const most = Math.max(1, Math.min(MAX_ENDED_PER_RECORD, Math.floor(maxBytes / PAIR) - 1));
  for (let i = 0; i < ended.length; i += most) out.push(completionRecord(ended.slice(i, i + most)));
  return out;
};

const parseCompletion = (record: InRecord): RetryRecord => {
  const v = record.value;
  if (v === null || record.keyStart >= 0 || v.length === 0 || v[0] !== VERSION || (v.length - 1) % PAIR !== 0)
    return FOREIGN;
  const ended: Ended[] = [];
  for (let p = 1; p < v.length; p += PAIR) {
    // Two words instead of a bigint: 53 bits are enough, and a log of a million of them is read on every hand-over.
    const origin = v.readInt32BE(p) * 2 ** 32 + v.readUInt32BE(p + 4);
    const redrive = v.readInt32BE(p + 8);
    if (!Number.isSafeInteger(origin) || origin < 0 || redrive < 0 || redrive > MOST) return FOREIGN;
    ended.push({ origin, redrive });
  }
  return { kind: 'completed', ended };
};

const parkedFor = (record: InRecord): ParkedFor => ({
  kind: places.text(record, KIND) === 'reject' ? 'reject' : 'retry-exhausted',
  error: places.text(record, ERROR) ?? '',
  stage: places.text(record, STAGE) ?? '',
});

/**
 * Reads a record of a retry topic. Never throws. What does not say which record it is (origin, redrive count) is `foreign`;
 * any other header that cannot be read counts as missing, since an attempt too early or a check run twice does no harm while
 * a record passed over is lost.
 */
export const parseRetryEntry = (record: InRecord): RetryRecord => {
  places.locate(record);
  if (places.has(COMPLETED)) return parseCompletion(record);
  const origin = places.integer(record, ORIGIN);
  const redrive = places.has(REDRIVE) ? places.integer(record, REDRIVE, MOST) : 0;
  if (origin === undefined || redrive === undefined) return FOREIGN;
  const parkedAt = places.integer(record, PARKED_AT) ?? 0;
  return {
    kind: 'entry',
    origin,
    redrive,
    attempt: Math.max(1, places.integer(record, ATTEMPT, MOST) ?? 1),
    dueAt: places.integer(record, DUE_AT) ?? 0,
    firstFailedAt: places.integer(record, FIRST_FAILED_AT) ?? 0,
    reason: safeText(places.text(record, REASON) ?? '', MAX_REASON),
    passed: decodePassed(places.bytes(record, PASSED)),
    parkedAt,
    ...(parkedAt > 0 ? { parkedFor: parkedFor(record) } : {}),
  };
};
