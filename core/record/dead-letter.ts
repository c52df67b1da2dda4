import type { DeadLetterKind } from './outcome.ts';
import { DEAD_LETTER_HEADERS, H, MAX_HEADER_BYTES, STATE_HEADERS } from './headers.ts';
import type { Header, InRecord, OutRecord } from './record.ts';
import { headerBytes, headersWithout, surplus } from './header-list.ts';
import { MAX_ERROR_BYTES, originalTimestamp } from './retry-entry.ts';
import { stubHeaders } from './stub.ts';
import { safeBytes } from './safe-text.ts';

export interface DeadLetterFacts {
  /** Of the submission; written where the record has none. */
  readonly id: string;
  /** Name of the `words` topic, and the partition of the record. */
  readonly topic: string;
  readonly partition: number;
  readonly origin: number;
  readonly redrive: number;
  readonly kind: DeadLetterKind;
  /** Attempts made. */
  readonly attempts: number;
  /** Milliseconds since 1970; 0: unknown. */
  readonly firstFailedAt: number;
  /** Reason code, text for people, and the check that failed. */
  readonly reason: string;
  readonly error: string;
  readonly stage: string;
  /** `parked`: a copy, its lane waits for an operator. `final`: an end. */
  readonly disposition: 'final' | 'parked';
  /** Id of the operator's command that led to it; undefined: none did. */
  readonly command?: string | undefined;
}

const MAX_NAME_BYTES = 128;
/** `verdikt-headers-dropped` with its count. */
const DROPPED_BYTES = 40;
const REPLACED: ReadonlySet<string> = new Set([...STATE_HEADERS, ...DEAD_LETTER_HEADERS]);

const own = (record: InRecord, f: DeadLetterFacts): Header[] => {
  const headers: Header[] = [
    [H.originalTopic, f.topic],
    [H.originalPartition, String(f.partition)],
    [H.originalOffset, String(f.origin)],
    [H.originalTimestamp, String(originalTimestamp(record, f.origin))],
    [H.origin, String(f.origin)],
    [H.kind, f.kind],
    [H.attempts, String(f.attempts)],
    [H.reason, safeBytes(f.reason, MAX_NAME_BYTES)],
    [H.error, safeBytes(f.error, MAX_ERROR_BYTES)],
    [H.stage, safeBytes(f.stage, MAX_NAME_BYTES)],
    [H.disposition, f.disposition],
  ];
  if (f.firstFailedAt > 0) headers.push([H.firstFailedAt, String(f.firstFailedAt)]);
  if (f.redrive > 0) headers.push([H.redrive, String(f.redrive)]);
  if (f.command !== undefined) headers.push([H.command, f.command]);
  return headers;
};

/**
 * The dead letter of a record: its key, value and headers as they came, without older state or dead-letter headers of ours
 * (`STATE_HEADERS`, `DEAD_LETTER_HEADERS`), then why and from where. All headers together stay within 32 KiB: the largest
 * foreign ones go first and are counted; the first `id` always stays, and only an id of that size can break the bound. That of
 * a stub says so, and counts what the stub has left out.
 */
export const deadLetter = (record: InRecord, facts: DeadLetterFacts): OutRecord => {
  let foreign = headersWithout(record, REPLACED);
  let id = foreign.findIndex(([name]) => name === H.id);
  if (id < 0 || (foreign[id][1] ?? '').length === 0) {
    foreign = [[H.id, facts.id], ...foreign.filter(([name]) => name !== H.id)];
    id = 0;
  }
  const stub = record.truncated > 0;
  const ours = own(record, facts);
  if (stub) ours.push(...stubHeaders(record));
  const room = MAX_HEADER_BYTES - DROPPED_BYTES - ours.reduce((n, h) => n + headerBytes(h), 0);
  const dropped = surplus(foreign, id, room);
  const missing = dropped.size + (stub ? Number(record.headerText(H.headersDropped) ?? 0) : 0);
  if (missing > 0) ours.push([H.headersDropped, String(missing)]);
  return {
    key: record.key,
    value: record.value,
    headers: [...foreign.filter((_, i) => !dropped.has(i)), ...ours],
  };
};
