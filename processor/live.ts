import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskState } from '@verdikt/engine/state/state.ts';

/** How long a task may stand still that has work at hand, and how long while checks of it run. */
export interface Patience {
  readonly stuckMs: number;
  readonly checksMs: number;
}

/** Requests to Kafka that one commit waits for, one after the other, each within `requestTimeoutMs`. */
const REQUESTS = 4;

/**
 * Longer than anything that a running task waits for: a commit, or a request for schemas, ends by a time limit of its own. Checks have
 * limits too, of up to five minutes each, and a chain may have several.
 */
export const patience = (requestTimeoutMs: number): Patience => ({
  stuckMs: Math.max(300_000, REQUESTS * requestTimeoutMs),
  checksMs: 3_600_000,
});

/** A task, as far as liveness looks at it. */
interface Pulse {
  /** Since it last committed or was restored. */
  readonly stillMs: number;
  /** Records are read that it may take. */
  readonly words: boolean;
  /** How long the first head has been due; 0: none is. A head that waits is due later: a long time means that nobody looks. */
  readonly overdueMs: number;
  readonly checking: boolean;
}

/**
 * True for a running task that has work at hand, waits for nothing and nobody, and does not work. `undefined`: it does not run, for it
 * fences, restores, or waits for Kafka, another owner or an operator, and a restart would change nothing.
 */
export const hangs = (pulse: Pulse | undefined, { stuckMs, checksMs }: Patience): boolean => {
  if (pulse === undefined) return false;
  if (pulse.stillMs <= stuckMs) return false;
  const most = pulse.checking ? checksMs : stuckMs;
  return pulse.stillMs > most && (pulse.words || pulse.overdueMs > most);
};

/** Why a task takes no new words for now: its lanes are full, or the check that it waits for; undefined: it takes them. */
export const intakeStopped = (state: TaskState, now: number): string | undefined =>
  state.full ? 'lanes-full' : state.gates.stopped(now)?.check;

/** `progress`: when the task last committed or was restored. */
export const pulseOf = (
  task: number,
  state: TaskState | undefined,
  source: Pick<RecordSource, 'readable'>,
  now: number,
  progress: number,
): Pulse | undefined =>
  state && {
    stillMs: now - progress,
    words: source.readable(task) && intakeStopped(state, now) === undefined,
    overdueMs: Math.max(0, now - Math.min(state.figures.dueAt, now)),
    // Only asked of one that stands still: a walk over all that is outstanding.
    get checking() {
      return state.figures.checking;
    },
  };
