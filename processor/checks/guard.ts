import type { Clock } from '@verdikt/core/ports/clock.ts';
import { CIRCUIT_OPEN, type CheckOutcome } from '@verdikt/core/ports/chain.ts';
import type { Circuit, CircuitName } from '@verdikt/core/ports/circuit.ts';
import type { CircuitCall } from '@verdikt/engine/policy/circuit-call.ts';
import { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import { createTurns } from './turns.ts';

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
  readonly circuit: Circuit;
  /**
   * Calls within the limits: so many at once, the others in turn (see createTurns). No answer in time is retry `<kind>-timeout`. A retry is a failure
   * of the check to its circuit; what the circuit does not let through is wait `circuit-open`, at once where it can be known at once.
   * Rejects with what the call rejects with. `key`: see CheckInput.
   */
  run(call: Call, key: number | undefined): CheckOutcome | Promise<CheckOutcome>;
  /** Aborts the calls that run, and all later ones at once. */
  close(): void;
}

const OPEN: CheckOutcome = {
  kind: 'wait',
  reason: CIRCUIT_OPEN,
  detail: 'the check failed too often in a row',
};

/** `kind` begins the reason codes. */
export const createGuard = (kind: string, o: GuardOptions, { clock, observer }: GuardDeps): Guard => {
  const running = new Set<AbortController>();
  let closed = false;
  const turns = createTurns(o.concurrency);
  const circuit = new CheckCircuit({
    check: o.name,
    failures: o.breakerFailures,
    halfOpenMs: o.breakerHalfOpenMs,
    concurrency: o.concurrency,
    changed: (state) => observer?.circuit(o.name, state),
  });
  observer?.circuit(o.name, 'closed');

  const limited = async (call: Call): Promise<CheckOutcome> => {
    const abort = new AbortController();
    if (closed) abort.abort();
    running.add(abort);
    const since = clock.now();
    let cancel = (): void => undefined;
    const late = new Promise<CheckOutcome>((resolve) => {
      cancel = clock.after(o.timeoutMs, () => {
        resolve({ kind: 'retry', reason: `${kind}-timeout`, detail: `no answer within ${o.timeoutMs} ms` });
        abort.abort();
      });
    });
    try {
      return await Promise.race([call(abort.signal), late]);
    } finally {
      cancel();
      running.delete(abort);
      observer?.called(o.name, (clock.now() - since) / 1000);
    }
  };

  /** The call, and what it tells the circuit. */
  const told = async (call: Call, begun: CircuitCall): Promise<CheckOutcome> => {
    let well = false;
    try {
      const outcome = await limited(call);
      well = outcome.kind !== 'retry';
      return outcome;
    } finally {
      circuit.ended(begun, well, clock.now());
    }
  };

  const inTurn = async (call: Call, begun: CircuitCall): Promise<CheckOutcome> => {
    const failing = begun.key !== undefined && circuit.failing(begun.key);
    await turns.take(failing);
    try {
      // It may have opened meanwhile.
      const now = circuit.still(begun) ? begun : circuit.begin(begun.key, clock.now());
      return now === undefined ? OPEN : await told(call, now);
    } finally {
      turns.give(failing);
    }
  };

  return {
    circuit,
    run: (call, key) => {
      const begun = circuit.begin(key, clock.now());
      return begun === undefined ? OPEN : inTurn(call, begun);
    },
    close: () => {
      closed = true;
      for (const abort of running) abort.abort();
    },
  };
};
