import type { CircuitName } from '@verdikt/core/ports/circuit.ts';

export interface CircuitConfig {
  readonly check: string;
  /** First failures in a row that open it. */
  readonly failures: number;
  readonly halfOpenMs: number;
  /** Calls at once while it is closed. */
  readonly concurrency: number;
  /** Told at each change. */
  readonly changed?: ((state: CircuitName) => void) | undefined;
}

/** A call that was begun. */
export interface CircuitCall {
  readonly key: number | undefined;
  readonly opening: number;
  /** It tries a circuit that is half-open. */
  readonly tries: boolean;
}
