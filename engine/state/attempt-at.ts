import type { InRecord } from '@verdikt/core/record/record.ts';
import { NOTHING, type Attempt, type Waiting } from '../policy/attempt.ts';
import type { Outstanding } from './outstanding.ts';

/** Heads looked at for one that may run before its time. */
const LOOKS = 64;

/** What an entry says of its next attempt. */
export const attemptAt = (
  outstanding: Outstanding,
  slot: number,
  record: InRecord,
  waiting: Waiting | undefined,
): Attempt => {
  const e = outstanding.lanes.entries;
  const origin = e.origin[slot];
  const redrive = e.redrive[slot];
  const identity = outstanding.identify(record, origin, redrive);
  return {
    slot,
    incarnation: e.incarnation[slot],
    record,
    origin,
    redrive,
    attempt: e.attempt[slot],
    id: identity.id,
    identity,
    key: identity.lane,
    passed: waiting?.passed ?? NOTHING,
    probe: waiting?.held === true,
  };
};

/** The first of the next few heads on the schedule that `may` run before its time. It stays there. */
export const earliest = (outstanding: Outstanding, may: (a: Attempt) => boolean): Attempt | undefined => {
  const { cache, lanes } = outstanding;
  const seen: (readonly [slot: number, due: number])[] = [];
  let found: Attempt | undefined;
  while (found === undefined && seen.length < LOOKS) {
    const due = lanes.nextDueAt();
    const slot = lanes.popDue(Infinity);
    if (slot < 0) break;
    seen.push([slot, due]);
    const record = cache.record(slot);
    const waiting = cache.waiting(slot);
    if (record === undefined || waiting === undefined || waiting.held) continue;
    const attempt = attemptAt(outstanding, slot, record, waiting);
    if (may(attempt)) found = attempt;
  }
  for (const [slot, due] of seen) lanes.schedule(slot, due);
  return found;
};
