import { at } from '@verdikt/core/at.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { CIRCUIT_OPEN, type CheckOutcome } from '@verdikt/core/ports/chain.ts';
import type { Circuit, CircuitName } from '@verdikt/core/ports/circuit.ts';
import type { CircuitCall } from '@verdikt/engine/policy/circuit-call.ts';
import { CheckCircuit } from '@verdikt/engine/policy/circuit.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createBatches, type BatchOptions } from './batches.ts';
import { createTurns } from './turns.ts';

/** Told after the fact, for metrics. Must not throw. */
export interface CheckObserver {
  /** How long one call took, whatever came of it. */
  called(check: string, seconds: number): void;
  /** At first, and at each change. */
  circuit(check: string, state: CircuitName): void;
}

/** Limits of calls that do not answer at once. Without `batchMax` each item is a call of its own. */
export interface GuardOptions extends Partial<BatchOptions> {
  /** Of the check. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly concurrency: number;
  readonly breakerFailures: number;
  readonly breakerHalfOpenMs: number;
}

export interface GuardDeps {
  readonly clock: Clock;
  /** That run at once in this process: no more calls can. @default as many as calls */
  readonly attempts?: number | undefined;
  readonly observer?: CheckObserver | undefined;
  /** Is told why the circuit opens. @default none */
  readonly log?: Log | undefined;
}

/** What came of each item, in their order; one outcome alone: of all of them, as when no answer came. */
export type Outcomes = CheckOutcome | readonly CheckOutcome[];

/** One call for one or several items; it should end soon after the signal is aborted. Its answer then no longer matters. */
type Call<T> = (items: readonly T[], signal: AbortSignal) => Promise<Outcomes>;

export interface Guard<T> {
  readonly circuit: Circuit;
  /**
   * Calls within the limits: so many at once, the others in turn (see createTurns). No answer in time is retry `<kind>-timeout`. A retry is a failure
   * of the check to its circuit; what the circuit does not let through is wait `circuit-open`, at once where it can be known at once.
   * Rejects with what the call rejects with. `key`: see CheckInput. Items that gather into one call have different keys, and none of
   * them fails: one that does goes alone, so that it cannot fail others for long. A call that fails as one is one failure.
   */
  run(item: T, key: number | undefined): CheckOutcome | Promise<CheckOutcome>;
  /** Aborts the calls that run, and all later ones at once. */
  close(): void;
}

const OPEN: CheckOutcome = {
  kind: 'wait',
  reason: CIRCUIT_OPEN,
  detail: 'the check failed too often in a row',
};

/** One item of a call, and who waits for what comes of it. */
interface Asked<T> {
  readonly item: T;
  readonly begun: CircuitCall;
  resolve(outcome: CheckOutcome): void;
  reject(error: unknown): void;
}

/** Says when to come back, so it is there: such a failure does not open the circuit. */
const governs = (o: CheckOutcome): boolean =>
  o.kind === 'retry' && o.reason === 'http-429' && o.afterMs !== undefined;

const isMany = (o: Outcomes): o is readonly CheckOutcome[] => Array.isArray(o);

/** `kind` begins the reason codes. */
export const createGuard = <T>(
  kind: string,
  o: GuardOptions,
  call: Call<T>,
  { clock, attempts = Infinity, observer, log }: GuardDeps,
): Guard<T> => {
  const running = new Set<AbortController>();
  let closed = false;
  const turns = createTurns(o.concurrency);
  /** What the last failure said. */
  let cause = '';
  const circuit = new CheckCircuit({
    check: o.name,
    failures: o.breakerFailures,
    halfOpenMs: o.breakerHalfOpenMs,
    concurrency: Math.min(o.concurrency, attempts),
    changed: (state) => {
      if (state === 'open') log?.warn({ check: o.name, cause }, `the circuit of ${o.name} is open: ${cause}`);
      observer?.circuit(o.name, state);
    },
  });
  observer?.circuit(o.name, 'closed');

  const limited = async (items: readonly T[]): Promise<Outcomes> => {
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
      return await Promise.race([call(items, abort.signal), late]);
    } finally {
      cancel();
      running.delete(abort);
      observer?.called(o.name, (clock.now() - since) / 1000);
    }
  };

  /** Tells the circuit, then those who wait. `begun`: one each. */
  const ended = (batch: readonly Asked<T>[], begun: readonly CircuitCall[], outcomes: Outcomes): void => {
    for (const [i, asked] of batch.entries()) {
      const outcome = isMany(outcomes) ? at(outcomes, i) : outcomes;
      if (outcome.kind === 'retry') cause = outcome.detail;
      const counts = (isMany(outcomes) || i === 0) && !governs(outcome);
      circuit.ended(at(begun, i), outcome.kind !== 'retry', clock.now(), counts);
      asked.resolve(outcome);
    }
  };

  /** The call for those that the circuit still lets through: it may have opened meanwhile. */
  const told = async (batch: readonly Asked<T>[]): Promise<void> => {
    const through: Asked<T>[] = [];
    const calls: CircuitCall[] = [];
    for (const asked of batch) {
      const { begun } = asked;
      const now = circuit.still(begun) ? begun : circuit.begin(begun.key, clock.now());
      if (now === undefined) asked.resolve(OPEN);
      else {
        through.push(asked);
        calls.push(now);
      }
    }
    if (through.length === 0) return;
    try {
      ended(through, calls, await limited(through.map((a) => a.item)));
    } catch (error) {
      for (const [i, { reject }] of through.entries()) {
        circuit.ended(at(calls, i), false, clock.now(), i === 0);
        reject(error);
      }
    }
  };

  const fails = ({ key }: CircuitCall): boolean => key !== undefined && circuit.failing(key);

  const inTurn = async (batch: readonly Asked<T>[]): Promise<void> => {
    const [first, ...others] = batch;
    const failing = first !== undefined && others.length === 0 && fails(first.begun);
    await turns.take(failing);
    try {
      await told(batch);
    } finally {
      turns.give(failing);
    }
  };

  const { batchMax = 1, batchWaitMs = 0 } = o;
  const gather = createBatches<Asked<T>>({ batchMax, batchWaitMs }, clock, (batch) => void inTurn(batch));

  return {
    circuit,
    run: (item, key) => {
      const begun = circuit.begin(key, clock.now());
      if (begun === undefined) return OPEN;
      return new Promise((resolve, reject) => {
        const asked = { item, begun, resolve, reject };
        if (fails(begun)) void inTurn([asked]);
        else gather(asked);
      });
    },
    close: () => {
      closed = true;
      for (const abort of running) abort.abort();
    },
  };
};
