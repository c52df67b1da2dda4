import type { Clock } from '@verdikt/core/ports/clock.ts';

export interface BatchOptions {
  /** Items of one batch at most. */
  readonly batchMax: number;
  /** How long the first of a batch waits for others. */
  readonly batchWaitMs: number;
}

/** Gathers items: a batch goes when it is full, or `batchWaitMs` after its first item. */
export const createBatches = <T>(
  { batchMax, batchWaitMs }: BatchOptions,
  clock: Clock,
  send: (batch: readonly T[]) => void,
): ((item: T) => void) => {
  let batch: T[] = [];
  let cancel = (): void => undefined;
  const flush = (): void => {
    cancel();
    const full = batch;
    batch = [];
    send(full);
  };
  return (item) => {
    batch.push(item);
    if (batch.length >= batchMax) return flush();
    if (batch.length === 1) cancel = clock.after(batchWaitMs, flush);
  };
};
