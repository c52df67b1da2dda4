import type { Identity } from './identity.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Facts } from '@verdikt/core/ports/chain.ts';
import type { CheckResult, Outcome } from '@verdikt/core/record/outcome.ts';
import type { ParkedFor, RetryRecord } from '@verdikt/core/record/retry-entry.ts';

/** One attempt at one record. `slot` is -1 until the record has a place in a lane. */
export interface Attempt {
  slot: number;
  incarnation: number;
  readonly record: InRecord;
  readonly origin: number;
  readonly redrive: number;
  readonly attempt: number;
  readonly id: string;
  readonly identity: Identity;
  /** See Identity.lane. */
  readonly key: number;
  readonly passed: readonly CheckResult[];
  /** Its dead letter was held by the limit: what comes of it now tells whether the limit may close. */
  readonly probe: boolean;
}

/** An outcome with what was read of the record. */
export type Judged = Outcome & { readonly facts: Facts };

/** What an outstanding record carries beside its columns once it has failed or waited. */
export interface Waiting {
  readonly dueAt: number;
  readonly firstFailedAt: number;
  readonly reason: string;
  readonly passed: readonly CheckResult[];
  /** Its dead letter was held by the limit. */
  readonly held: boolean;
  /** Since when it waits for an operator, milliseconds since 1970, and why; undefined: it does not. */
  readonly parked?: ParkedFor & { readonly at: number };
}

/** What the headers of a retry entry say of it; undefined for one that has not failed. */
export const waitingOf = (parsed: RetryRecord): Waiting | undefined => {
  if (parsed.kind !== 'entry') return undefined;
  const { dueAt, firstFailedAt, reason, passed, parkedAt, parkedFor } = parsed;
  if (firstFailedAt === 0 && passed.length === 0 && parkedAt === 0) return undefined;
  const waiting = { dueAt, firstFailedAt, reason, passed, held: false };
  return parkedFor === undefined ? waiting : { ...waiting, parked: { ...parkedFor, at: parkedAt } };
};

export const NOTHING: readonly CheckResult[] = [];

/** The first attempt at a record of `words`. */
export const newAttempt = (record: InRecord, identity: Identity): Attempt => ({
  slot: -1,
  incarnation: 0,
  record,
  origin: record.offset,
  redrive: 0,
  attempt: 1,
  id: identity.id,
  identity,
  key: identity.lane,
  passed: NOTHING,
  probe: false,
});
