import type { InRecord } from '@verdikt/core/record.ts';
import type { TraceHeaders } from '@verdikt/core/trace-context.ts';
import type { AttemptTrace } from '../engine/attempt-trace.ts';
import type { CheckResult, Outcome } from '../outcome.ts';

export interface CheckInput {
  readonly word: string;
  readonly id: string;
  /** Counts from 1. An `http` check sends `id`, `redrive` and `attempt` as idempotency key. */
  readonly attempt: number;
  /** How often the record was redriven; its attempts then begin again at 1. Default 0. */
  readonly redrive?: number;
  /** What the word was read from; valid while `run` has not returned. */
  readonly record?: InRecord | undefined;
  /** Trace context for a service that is asked. */
  readonly context?: TraceHeaders | undefined;
  /** Where this attempt is traced. */
  readonly trace?: AttemptTrace | undefined;
}

export type CheckOutcome =
  | { readonly kind: 'pass'; readonly answer: boolean; readonly detail: string | null }
  | { readonly kind: 'retry'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'reject'; readonly reason: string; readonly detail: string }
  /** The check did not look at it: the attempt does not count. */
  | { readonly kind: 'wait'; readonly reason: string; readonly detail: string };

/** Looks at one record. Answers synchronously where it can: the hot path then needs no promise. Must not throw. */
export interface Check {
  readonly name: string;
  /** True for one that asks a service, which is told the trace context. */
  readonly asks?: boolean;
  run(input: CheckInput): CheckOutcome | Promise<CheckOutcome>;
  /** Releases sockets and timers. */
  close?(): Promise<void>;
}

/** Runs the checks in order from the first that has not passed; stops at the first failure. Never throws or rejects. */
export interface Chain {
  readonly stages: readonly string[];
  /** True when one of the checks asks a service. */
  readonly asks?: boolean;
  run(input: CheckInput, passed: readonly CheckResult[]): Outcome | Promise<Outcome>;
  close(): Promise<void>;
}
