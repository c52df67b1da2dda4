import type { Header } from '@verdikt/core/record/record.ts';

/** A submission that was sent. The same id sent twice is one submission. */
export interface Accepted {
  readonly id: string;
  /** Null: it has no order. */
  readonly key: string | null;
  /** Place among the submissions of its key: 0, 1, 2 … in the order in which they were sent. */
  readonly counter: number;
  /** Default 0; a redriven record is accepted once more, under the next count. */
  readonly redrive?: number;
  /** Its place among those of its key counts. Default: unless it is redriven; one that was parked has kept its place. */
  readonly inOrder?: boolean;
  /** `unknown`: no answer came, so it may be in the log or not. Default `certain`. */
  readonly ack?: 'certain' | 'unknown';
  /** What the oracle needs to judge it. */
  readonly word?: string;
  /** As it lies in `words`, where dead letters are to be compared. */
  readonly record?: {
    readonly key: string | null;
    readonly value: string | null;
    readonly headers: readonly Header[];
  };
  readonly origin?: number;
  readonly partition?: number;
}

/** How a submission ended: a verdict or a dead letter, as one reader at read_committed saw it, in the order of its log. */
interface Ended {
  readonly id: string;
  readonly key: string | null;
  readonly redrive?: number;
  readonly origin?: number;
  readonly partition?: number;
  readonly offset?: number;
  /** When it became visible; any scale that rises over all topics. Then the order between verdicts and dead letters counts too. */
  readonly at?: number;
  /** Attempts made. */
  readonly attempts?: number;
  /** Default `main`. What other readers see is only compared with what this one saw. */
  readonly reader?: string;
}

export interface Result extends Ended {
  readonly answer: string;
}

export interface DeadLetter extends Ended {
  readonly reason: string;
  /** `parked` is a copy, not an end. Default `final`. */
  readonly disposition?: 'final' | 'parked';
  readonly record?: Accepted['record'];
}

/** Everything that a guarantee may be told. */
export type Fact =
  | ({ readonly kind: 'accepted' } & Accepted)
  /** A definite no: it must never appear. */
  | { readonly kind: 'refused'; readonly id: string }
  | ({ readonly kind: 'result' } & Result)
  | ({ readonly kind: 'dead-letter' } & DeadLetter)
  /** Was parked and is redriven: accepted under the next count instead. */
  | { readonly kind: 'moved'; readonly id: string; readonly redrive: number }
  /** How many submissions are in `words` or in lanes just now. */
  | { readonly kind: 'census'; readonly inFlight: number };

export type Law =
  | 'no-loss'
  | 'no-duplicate'
  | 'order'
  | 'no-gap'
  | 'correct'
  | 'conservation'
  | 'no-phantom'
  | 'readers-agree'
  | 'complete-dead-letters';

export interface Violation {
  readonly law: Law;
  readonly detail: string;
}

/** Watches a history for one law. */
export interface Guarantee {
  readonly law: Law;
  observe(fact: Fact): void;
  /** What is wrong so far. `drained`: all that was accepted should have ended. */
  check(drained: boolean): Violation[];
}

/** What must become of a submission; undefined parts are not checked. */
export interface Expected {
  readonly kind: 'result' | 'dead-letter';
  readonly answer?: string;
  readonly reason?: string;
  readonly attempts?: number;
}

export type Oracle = (submission: Accepted) => Expected | undefined;

/** Identity of what must end exactly once. */
export const identity = (f: { readonly id: string; readonly redrive?: number }): string =>
  `${f.id}/${f.redrive ?? 0}`;

/** An end as the main reader saw it. */
export const ends = (f: Fact): f is Extract<Fact, { kind: 'result' | 'dead-letter' }> =>
  (f.kind === 'result' || (f.kind === 'dead-letter' && f.disposition !== 'parked')) &&
  (f.reader ?? 'main') === 'main';
