import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import { murmur3x128 } from '@verdikt/core/hash/murmur3.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { Change } from './change.ts';

/**
 * `accepted`: in `words`, and nothing else is known. `queued`: in its lane, not attempted yet. `unknown`: what the retry topic
 * said of it was cut before it was read; it is undecided, or was dropped as a copy.
 */
export const STATES = [
  ...(['accepted', 'queued', 'retrying', 'parked', 'redriven', 'verdict', 'dead-lettered'] as const),
  'unknown',
] as const;
export type State = (typeof STATES)[number];

/** One change of state, and the record that tells it. */
export interface Step {
  readonly what: State | 'skipped';
  /** When that record was written, milliseconds since 1970; -1 unknown. */
  readonly at: number;
  readonly topic: TopicRole;
  /** In the partition of the submission; -1: no single record tells it. */
  readonly offset: number;
  readonly redrive: number;
  /** `retrying`: the attempt that runs next. `parked`, `dead-lettered`, `verdict`: how many were made. */
  readonly attempt?: number;
  readonly dueAt?: number;
  readonly reason?: string;
  readonly error?: string;
  readonly stage?: string;
  /** Who asked, as the tool reports it. */
  readonly by?: string;
  /** Of `verdict`, `parked` and `dead-lettered`: under what identity the record was written. In digits: it may be above what a number holds. */
  readonly producerId?: string;
  readonly producerEpoch?: number;
}

/** What is known of one submission. A value: a change makes another one. */
export interface Life {
  readonly partition: number;
  readonly origin: number;
  /** Empty: its records have none. */
  readonly id: string;
  readonly key: string | null;
  /** Principal that submitted it; empty: none. */
  readonly owner: string;
  /** Idempotency key that stands for it alone; empty: none does. */
  readonly claim: string;
  /** When the edge took it, milliseconds since 1970; -1: its record in `words` was not read. */
  readonly submittedAt: number;
  readonly state: State;
  readonly redrive: number;
  /** Place of its newest retry entry; -1: none. */
  readonly entryAt: number;
  /** When it changed last, by the clock of the record. */
  readonly changedAt: number;
  readonly verdict?: WordJudged;
  readonly steps: readonly Step[];
  /** Steps that were left out. */
  readonly dropped: number;
  /** Counts changes. */
  readonly version: number;
}

/** More than any sane number of attempts; the oldest after the first go. */
const MAX_STEPS = 64;
const PER_PARTITION = 2 ** 40;
const hashed = new Uint32Array(4);

/** Where a submission is kept: twelve places to append to, for twelve partitions. */
export const rowOf = (partition: number, origin: number): number => partition * PER_PARTITION + origin;

/** 53 bits of a hash of a key. */
export const keyHash = (key: string | null): number => {
  if (key === null) return -1;
  const bytes = Buffer.from(key);
  murmur3x128(bytes, 0, bytes.length, 0, hashed);
  const [high = 0, low = 0] = hashed;
  return (high & 0x1fffff) * 2 ** 32 + low;
};

export const isEnded = (l: Pick<Life, 'state'>): boolean =>
  l.state === 'verdict' || l.state === 'dead-lettered';

/** 53 bits of what an owner claims; -1: nothing. */
export const claimHash = ({ owner, claim }: Pick<Life, 'owner' | 'claim'>): number =>
  claim === '' ? -1 : keyHash(`${owner}\0${claim}`);

const IN_LANE: ReadonlySet<Step['what']> = new Set(['queued', 'retrying', 'parked', 'redriven'] as const);
/** It is known to be in its lane. */
export const isInLane = (l: Pick<Life, 'state'>): boolean => IN_LANE.has(l.state);
/** It was in its lane at some time, or not all is known of its past. */
export const mayHaveWaited = (l: Life): boolean =>
  l.submittedAt < 0 || l.dropped > 0 || l.steps.some((s) => IN_LANE.has(s.what));

type Standing = Pick<Life, 'state' | 'redrive'>;
const FIRST: Standing = { state: 'accepted', redrive: 0 };

/** Where a submission stands after one more step. Topics are read each at its own pace: what has ended stays so. */
const standingAfter = (now: Standing, { what, redrive }: Pick<Step, 'what' | 'redrive'>): Standing => {
  switch (what) {
    case 'accepted':
      return now;
    case 'skipped':
      // Its dead letter tells that it has ended.
      return now;
    case 'unknown':
      return isInLane(now) ? { ...now, state: what } : now;
    case 'verdict':
      return { state: what, redrive: Math.max(now.redrive, redrive) };
    case 'redriven':
      return now.redrive > redrive ? now : { state: what, redrive: redrive + 1 };
    default:
      return redrive < now.redrive || (isEnded(now) && redrive === now.redrive)
        ? now
        : { state: what, redrive };
  }
};

const born = (c: Change): Life => ({
  ...{ partition: c.partition, origin: c.origin, id: '', key: null, owner: '', claim: '' },
  submittedAt: -1,
  ...{ state: 'accepted', redrive: 0, entryAt: -1, changedAt: -1, steps: [], dropped: 0, version: 0 },
});

const added = (l: Life, step: Step): Pick<Life, 'steps' | 'dropped'> =>
  l.steps.length < MAX_STEPS
    ? { steps: [...l.steps, step], dropped: l.dropped }
    : { steps: [...l.steps.slice(0, 1), ...l.steps.slice(2), step], dropped: l.dropped + 1 };

const stepOf = (c: Change, what: Step['what'], more: Partial<Step> = {}): Step => ({
  ...{ what, at: c.at, topic: c.role, offset: c.offset, redrive: c.redrive },
  ...more,
});

const moved = (l: Life, c: Change, step: Step, more?: Partial<Life>): Life => ({
  ...l,
  ...{ ...standingAfter(l, step), ...more },
  ...added(l, step),
  changedAt: Math.max(l.changedAt, c.at),
  version: l.version + 1,
});

const onEntry = (l: Life, c: Extract<Change, { kind: 'entry' }>): Life => {
  if (c.offset <= l.entryAt) return l;
  const { attempt, dueAt, reason, parkedAt, parkedFor } = c.state;
  const state: State = parkedAt > 0 ? 'parked' : attempt === 1 && reason === '' ? 'queued' : 'retrying';
  const more: Partial<Step> =
    state === 'queued'
      ? {}
      : state === 'retrying'
        ? { attempt, dueAt, reason }
        : { reason, ...(parkedFor && { error: parkedFor.error, stage: parkedFor.stage }) };
  const step = stepOf(c, state, more);
  const last = l.steps.findLast((s) => s.redrive === c.redrive && s.topic === 'retry');
  // An entry that is written again at another place is no news, unless a cut made it unknown.
  const rewritten =
    last?.what === state &&
    last.attempt === step.attempt &&
    last.dueAt === step.dueAt &&
    last.reason === step.reason;
  if (rewritten && l.state !== 'unknown') return { ...l, entryAt: c.offset };
  return moved(l, c, step, { entryAt: c.offset });
};

/** Under what identity the record was written that ends it. */
const writerOf = ({ writer }: Change): Partial<Step> =>
  writer === undefined || writer.producerId < 0n
    ? {}
    : { producerId: String(writer.producerId), producerEpoch: writer.producerEpoch };

const onDeadLetter = (l: Life, c: Extract<Change, { kind: 'dead-letter' }>): Life => {
  const { attempts, reason, error, stage } = c;
  const what = c.parked ? 'parked' : 'dead-lettered';
  return moved(l, c, stepOf(c, what, { attempt: attempts, reason, error, stage, ...writerOf(c) }));
};

const changed = (l: Life, c: Change): Life => {
  switch (c.kind) {
    case 'accepted':
      return { ...moved(l, c, stepOf(c, 'accepted')), submittedAt: c.submittedAt, claim: c.claim };
    case 'entry':
      return onEntry(l, c);
    case 'verdict': {
      const { verdict } = c;
      const attempts = verdict === undefined ? {} : { attempt: verdict.attempts };
      const step = stepOf(c, 'verdict', { ...attempts, ...writerOf(c) });
      return moved(l, c, step, verdict === undefined ? {} : { verdict });
    }
    case 'dead-letter':
      return onDeadLetter(l, c);
    case 'operator':
      return moved(l, c, stepOf(c, c.action === 'skip' ? 'skipped' : 'redriven', { by: c.by }));
    case 'cut':
      return isInLane(l) ? moved(l, c, stepOf(c, 'unknown')) : l;
  }
};

/** True where this record was told already: after a crash, logs are read again from the last offsets that were kept. */
const knows = (l: Life, c: Change): boolean =>
  c.kind !== 'cut' && l.steps.some((s) => s.topic === c.role && s.offset === c.offset);

/** What is known after a record. The same value where it tells nothing new. Each log is read in order, one against the others is not. */
export const grow = (life: Life | undefined, c: Change): Life => {
  const l = life ?? born(c);
  if (knows(l, c)) return l;
  const next = changed(l, c);
  if (!('id' in c) || next.id !== '') return next;
  return { ...next, id: c.id, owner: c.owner, key: c.key === null ? null : c.key.toString('utf8') };
};

/**
 * What was known of it by this time, from the steps that are kept. Undefined: nothing. It is itself once it has no later step.
 * Its steps are folded as they were read, since the clocks of topics differ.
 */
export const lifeAt = (l: Life, at: number): Life | undefined => {
  const steps = l.steps.filter((s) => s.at <= at);
  if (steps.length === l.steps.length) return l;
  if (steps.length === 0) return undefined;
  const { verdict, ...rest } = l;
  return {
    ...{ ...rest, ...steps.reduce(standingAfter, FIRST), steps },
    changedAt: Math.max(...steps.map((s) => s.at)),
    ...(verdict !== undefined && steps.some((s) => s.what === 'verdict') ? { verdict } : {}),
  };
};

/** From when on all of its steps are known; -1: all are. `read`: how far `words` was read, since later ones are on their way. */
export const knownSince = (l: Life, read: number): number => {
  if (l.dropped > 0) return l.steps[1]?.at ?? -1;
  return l.submittedAt < 0 && l.origin < read ? (l.steps[0]?.at ?? -1) : -1;
};
