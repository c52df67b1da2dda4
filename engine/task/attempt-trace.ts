import type { AttemptTrace } from '@verdikt/core/ports/chain.ts';
import type { Attempt, Judged } from '../policy/attempt.ts';
import type { TaskContext } from '../policy/task-context.ts';
import type { SliceTimes } from '../state/plan.ts';

/** An attempt may carry its trace; hardly any does. */
export interface TracedAttempt extends Attempt {
  trace?: AttemptTrace;
}

/**
 * Watches the attempts of one task from a fence to the next. What it saw is told when the slice is committed, for only then
 * is it true; what was not committed is told as aborted.
 */
export interface TaskTrace {
  /** Gives the attempt a trace if its record is sampled. */
  begin(a: TracedAttempt): void;
  /** The outcome has been applied to the state. */
  resolved(a: TracedAttempt, judged: Judged): void;
  /** The same context, whose verdicts and dead letters carry the context of the span that sends them. */
  context(p: TaskContext): TaskContext;
  /** A plan holds all that was resolved before. */
  planned(): void;
  /** That plan is committed. */
  committed(times: SliceTimes): void;
  /** Nothing more comes. */
  close(): void;
}
