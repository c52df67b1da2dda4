import type { Clock } from '@verdikt/core/ports/clock.ts';
import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';

export type CircuitName = 'closed' | 'half-open' | 'open';

/** Told after the fact, for metrics. Must not throw. */
export interface CheckObserver {
  /** How long one call took, whatever came of it. */
  called(check: string, seconds: number): void;
  /** At first, and at each change. */
  circuit(check: string, state: CircuitName): void;
}

/** Limits of calls that do not answer at once. */
export interface GuardOptions {
  /** Of the check. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly breakerFailures: number;
  readonly breakerHalfOpenMs: number;
}

export interface GuardDeps {
  readonly clock: Clock;
  readonly observer?: CheckObserver | undefined;
}

/** What a call may do; it should end soon after the signal is aborted. Its answer then no longer matters. */
export type Call = (signal: AbortSignal) => Promise<CheckOutcome>;

export interface Guard {
  /**
   * Calls within the limits. No answer in time is retry `<kind>-timeout`; so many retries in a row open the circuit, and while it is
   * open the outcome is wait `circuit-open`; too many that wait: wait `<kind>-busy`. Rejects with what the call rejects with.
   *
   * `fresh`: of a word that has not failed before. What has failed before may fail by itself: it does not count towards opening the
   * circuit while others succeed (within `breakerHalfOpenMs`), and leaves an open circuit to be tried by fresh words for as long again
   * as it stayed open; after that any word tries it.
   */
  run(call: Call, fresh: boolean): Promise<CheckOutcome>;
  /** Aborts the calls that run, and all later ones at once. */
  close(): void;
}

const OPEN: CheckOutcome = {
  kind: 'wait',
  reason: 'circuit-open',
  detail: 'the check failed too often in a row',
};

/** Calls that wait for their turn; the engine runs fewer attempts than this at once. */
const MAX_WAITING = 10_000;

/** `kind` begins the reason codes. */
export const createGuard = (kind: string, o: GuardOptions, { clock, observer }: GuardDeps): Guard => {
  const running = new Set<AbortController>();
  let closed = false;
  const turns = bulkhead(o.concurrency, MAX_WAITING);
  const circuit = circuitBreaker(
    handleWhenResult((r) => (r as CheckOutcome).kind === 'retry'),
    { halfOpenAfter: o.breakerHalfOpenMs, breaker: new ConsecutiveBreaker(o.breakerFailures) },
  );
  let openedAt = -Infinity;
  /** When a call last succeeded; at first when the first began. */
  let wellAt: number | undefined;
  circuit.onBreak(() => (openedAt = clock.now()));
  if (observer !== undefined) {
    observer.circuit(o.name, 'closed');
    circuit.onBreak(() => observer.circuit(o.name, 'open'));
    circuit.onHalfOpen(() => observer.circuit(o.name, 'half-open'));
    circuit.onReset(() => observer.circuit(o.name, 'closed'));
  }

  const limited = async (call: Call): Promise<CheckOutcome> => {
    const abort = new AbortController();
    if (closed) abort.abort();
    running.add(abort);
    const since = clock.now();
    wellAt ??= since;
    let cancel = (): void => undefined;
    const late = new Promise<CheckOutcome>((resolve) => {
      cancel = clock.after(o.timeoutMs, () => {
        resolve({ kind: 'retry', reason: `${kind}-timeout`, detail: `no answer within ${o.timeoutMs} ms` });
        abort.abort();
      });
    });
    try {
      const outcome = await Promise.race([call(abort.signal), late]);
      if (outcome.kind !== 'retry') wellAt = clock.now();
      return outcome;
    } finally {
      cancel();
      running.delete(abort);
      observer?.called(o.name, (clock.now() - since) / 1000);
    }
  };

  /** Leaves the circuit to words that tell more. */
  const standsBack = (fresh: boolean): boolean =>
    !fresh && circuit.state !== CircuitState.Closed && clock.now() - openedAt < 2 * o.breakerHalfOpenMs;

  const counts = (fresh: boolean): boolean =>
    fresh ||
    circuit.state !== CircuitState.Closed ||
    (wellAt !== undefined && clock.now() - wellAt >= o.breakerHalfOpenMs);

  return {
    run: async (call, fresh) => {
      if (standsBack(fresh)) return OPEN;
      const run = (): Promise<CheckOutcome> => limited(call);
      try {
        return await turns.execute(() => (counts(fresh) ? circuit.execute(run) : run()));
      } catch (error) {
        if (isBrokenCircuitError(error)) return OPEN;
        if (isBulkheadRejectedError(error))
          return { kind: 'wait', reason: `${kind}-busy`, detail: 'too many calls wait' };
        throw error;
      }
    },
    close: () => {
      closed = true;
      for (const abort of running) abort.abort();
    },
  };
};
