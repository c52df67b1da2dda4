import type { Static, TObject } from 'typebox';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';

/**
 * What a check of your own is told of one attempt. Id, key, headers, trace context and signal are made when they are asked for. After an
 * answer at once, asking for what was not asked for before throws; with a promise they stay.
 */
export interface Attempt {
  readonly word: string;
  /** What decides the order; null for a record without one. */
  readonly key: string | null;
  /** Of the submission; the same for each attempt. */
  readonly id: string;
  /** Counts from 1; begins again at 1 after a redrive. */
  readonly attempt: number;
  /** How often the record was redriven. */
  readonly redrive: number;
  /** True: somebody asks what would come of a redrive (`verdikt dlq what-if`). A check that has effects should have none. */
  readonly forecast: boolean;
  /** Headers of the record as text, by name; of several with one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * W3C trace context of this attempt, to be sent with calls to other services: `traceparent`, and `tracestate` where there is one.
   * Empty where the record has none, or an invalid one. `{ headers: { ...traceHeaders } }` continues the trace.
   */
  readonly traceHeaders: Readonly<Record<string, string>>;
  /** Aborted after the time limit of the check, and when the processor stops. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/** Yes or no, or what `pass`, `retry` and `reject` make. */
export type Answer = boolean | CheckOutcome;

interface Parts<O extends TObject, R> {
  /** Name of the stage; lower-case letters, digits, hyphens. @default the name of the file */
  readonly name?: string;
  /** Schema of `options` in the chain; what does not fit is refused at start. @default none are allowed */
  readonly options?: O;
  /** Runs once in a process, before the first record. What it returns comes back as second argument. A throw ends the process. */
  readonly setup?: (options: Static<O>, tools: { readonly log: Log }) => R | Promise<R>;
  /** Runs when the processor stops. */
  readonly close?: (resource: Awaited<R>) => void | Promise<void>;
}

interface RunsOne<R> {
  readonly run: (attempt: Attempt, resource: Awaited<R>) => Answer | Promise<Answer>;
  readonly runMany?: undefined;
}

interface RunsMany<R> {
  readonly run?: undefined;
  /**
   * Looks at up to `batchMax` words of different keys at once, and answers each, in their order. A throw is a retry of all of them;
   * a word that is tried again comes alone.
   */
  readonly runMany: (
    attempts: readonly Attempt[],
    resource: Awaited<R>,
  ) => readonly Answer[] | Promise<readonly Answer[]>;
}

/**
 * A check of your own: `run` or `runMany`. An answer at once costs no promise. A promise is held to the time limit, the concurrency and the circuit of
 * its stage. A throw is a retry, `check-threw`, with the error in its detail. The same attempt may run twice (at least once), so
 * what it does elsewhere must bear that; `id`, `redrive` and `attempt` tell it apart.
 */
export type CheckDefinition<O extends TObject = TObject, R = unknown> = Parts<O, R> &
  (RunsOne<R> | RunsMany<R>);

/** Gives a check its types; returns it as it is. */
export const defineCheck = <O extends TObject = TObject, R = undefined>(
  check: CheckDefinition<O, R>,
): CheckDefinition<O, R> => check;

/** The check has looked: yes or no. The detail is for people and goes into the verdict (at most 512 characters). */
export const pass = (answer: boolean, detail: string | null = null): CheckOutcome => ({
  kind: 'pass',
  answer,
  detail,
});

/** Not now: try again later, with back-off, and dead-letter it after the last attempt. */
export const retry = (
  reason: string,
  detail = '',
  /** `afterMs`: no sooner than in so many milliseconds, up to `retryMaxDelayMs`. */
  { afterMs }: { readonly afterMs?: number } = {},
): CheckOutcome => ({ kind: 'retry', reason, detail, ...(afterMs === undefined ? {} : { afterMs }) });

/** Never: to the dead letters at once. */
export const reject = (reason: string, detail = ''): CheckOutcome => ({ kind: 'reject', reason, detail });
