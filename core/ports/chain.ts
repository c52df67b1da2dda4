import type { Circuit } from './circuit.ts';
import type { InRecord } from '../record/record.ts';
import type { TraceHeaders } from '../record/trace-context.ts';
import type { CheckResult, Outcome } from '../record/outcome.ts';

export interface CheckInput {
  readonly word: string;
  readonly id: string;
  /** Counts from 1. An `http` check sends `id`, `redrive` and `attempt` as idempotency key. */
  readonly attempt: number;
  /** How often the record was redriven; its attempts then begin again at 1. Default 0. */
  readonly redrive?: number;
  /** Nothing comes of the outcome: somebody asks what it would be. A check that has effects should have none. @default false */
  readonly forecast?: boolean;
  /** Hash of its key: words of one key have the same, and are looked at one after the other. */
  readonly key?: number | undefined;
  /** What the word was read from; valid while `run` has not returned. */
  readonly record?: InRecord | undefined;
  /** Trace context for a service that is asked. */
  readonly context?: TraceHeaders | undefined;
  /** Where this attempt is traced. */
  readonly trace?: AttemptTrace | undefined;
}

export type CheckOutcome =
  | { readonly kind: 'pass'; readonly answer: boolean; readonly detail: string | null }
  /** `afterMs`: no sooner than in so many milliseconds. */
  | {
      readonly kind: 'retry';
      readonly reason: string;
      readonly detail: string;
      readonly afterMs?: number | undefined;
    }
  | { readonly kind: 'reject'; readonly reason: string; readonly detail: string }
  /** The check did not look at it: the attempt does not count. */
  | { readonly kind: 'wait'; readonly reason: string; readonly detail: string };

/** What a check that looks at bytes alone says; `unsure`: it must be run. */
export const BYTES = { no: 0, yes: 1, unsure: 2 } as const;
export type BytesAnswer = (typeof BYTES)[keyof typeof BYTES];

/** Looks at one record. Answers synchronously where it can: the hot path then needs no promise. Must not throw. */
export interface Check {
  readonly name: string;
  /** True for one that asks a service, which is told the trace context. */
  readonly asks?: boolean;
  /** For its spans, beside what all have. */
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Of one that may be away: while it is not closed, `run` answers wait `circuit-open` for a key that has no place. */
  readonly circuit?: Circuit;
  run(input: CheckInput): CheckOutcome | Promise<CheckOutcome>;
  /**
   * What `run` answers, without detail, for the word whose bytes lie in [start, end), all of them plain text (see isPlainText). Depends on
   * nothing else and can be asked any number of times. @default it is run
   */
  bytes?(v: DataView, start: number, end: number): BytesAnswer;
  /** True while `run` is expected to answer at once; its input may then be good for this one call only. @default it is not */
  atOnce?(): boolean;
  /** Releases sockets and timers. */
  close?(): Promise<void>;
}

/** What was read of a record. The engine, which orders and retries attempts, looks at no more of it than this. */
export interface Facts {
  /** Milliseconds since 1970. */
  readonly submittedAt: number;
}

/** One attempt, as a chain is told of it. */
interface ChainAttempt {
  readonly record: InRecord;
  readonly id: string;
  /** Counts from 1, and begins again with each redrive. */
  readonly attempt: number;
  readonly redrive: number;
  /** See CheckInput. */
  readonly key: number;
  /** Results of checks that passed in an earlier attempt; they do not run again. */
  readonly passed: readonly CheckResult[];
  readonly trace?: AttemptTrace;
}

/** Judges what was read of a record. Never throws or rejects. Answers synchronously where it can. */
export interface Chain<F extends Facts = Facts> {
  run(facts: F, attempt: ChainAttempt): Outcome | Promise<Outcome>;
  /** Those of its checks. @default none */
  readonly circuits?: readonly Circuit[];
  /** The check that runs first where these have passed. @default unknown */
  next?(passed: readonly CheckResult[]): string | undefined;
}

/** Reason of a `wait` for the circuit of the stage. */
export const CIRCUIT_OPEN = 'circuit-open';

/** Reads records for a chain. */
export interface Reader<F extends Facts = Facts> {
  /** Learns what it takes to decode these records; undefined: nothing is missing. Never rejects. */
  prepare(records: readonly InRecord[]): Promise<void> | undefined;
  decode(
    record: InRecord,
  ):
    | ({ readonly kind: 'ok' } & F)
    | { readonly kind: 'poison'; readonly reason: string; readonly detail: string }
    | { readonly kind: 'unavailable'; readonly detail: string };
}

/** One check of an attempt that is traced. */
interface CheckTrace {
  /** For a service that the check asks. */
  readonly headers: TraceHeaders;
  /** Undefined: the check gave none. */
  end(outcome: CheckOutcome | undefined): void;
}

/** One attempt that is traced. */
export interface AttemptTrace {
  /** A check begins. */
  check(check: Pick<Check, 'name' | 'asks' | 'attributes'>): CheckTrace;
  /** The chain has answered. */
  answered(): void;
}
