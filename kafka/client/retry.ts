import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';

export interface Waits {
  /** First and longest wait; each is twice the one before. */
  readonly fromMs: number;
  readonly toMs: number;
  /** No new try after this time. */
  readonly forMs: number;
}

/** Repeats `work` as long as `again` says so of its error; then, or when the time is over, the error is thrown. */
export const retrying = async <T>(
  clock: Clock,
  waits: Waits,
  again: (error: unknown) => boolean,
  work: () => Promise<T>,
): Promise<T> => {
  const end = clock.now() + waits.forMs;
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (e) {
      const wait = backOffMs(failures, waits);
      if (!again(e) || clock.now() + wait > end) throw e;
      await new Promise<void>((resolve) => clock.after(wait, resolve));
    }
  }
};
