import type { OutRecord, InRecord } from '@verdikt/core/record.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { Failure } from '../outcome.ts';
import type { RetryDecision } from '../policy/retry.ts';
import type { Attempt, Judged, Waiting } from './state.ts';

/** May a dead letter be written? See policy/dead-letter-limit.ts. */
export interface Limit {
  admit(now: number, kind: 'reject' | 'retry-exhausted'): 'write' | 'hold';
  /** When a record that was held may be attempted again. */
  heldUntil(now: number): number;
  succeeded(now: number): void;
  /** A dead letter found in the log while rebuilding. */
  restored(time: number, reason: string): void;
}

/** All that the state of a task needs to be told: bounds, and how records are built. Pure. */
export interface Policy {
  readonly topics: TopicNames;
  readonly task: number;
  /** Of this process; hashes are never written. */
  readonly seed: number;
  readonly dedup: boolean;
  readonly dedupWindowMs: number;
  readonly dedupMaxIds: number;
  readonly laneMaxEntries: number;
  readonly laneValueMaxBytes: number;
  readonly compactionFactor: number;
  readonly compactionSlack: number;
  readonly compactionMaxRecords: number;
  /** Cut the dead start of the retry partition once it is this long. */
  readonly trimAfter: number;
  /** How long a record that cannot be looked at for now waits. */
  readonly waitMs: number;
  readonly limit: Limit;
  retry(attempt: number): RetryDecision;
  verdict(a: Attempt, judged: Extract<Judged, { kind: 'done' }>, accepted: boolean, now: number): OutRecord;
  deadLetter(a: Attempt, kind: 'reject' | 'retry-exhausted', failure: Failure, firstFailedAt: number): OutRecord;
  retryEntry(
    record: InRecord,
    origin: number,
    redrive: number,
    attempt: number,
    waiting: Waiting | undefined,
  ): OutRecord;
  completion(ended: readonly { readonly origin: number; readonly redrive: number }[]): OutRecord;
}
