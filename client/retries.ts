import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { VerdiktError } from './errors.ts';

interface RetryDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly timeLimitMs: number;
  readonly attemptTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

const WAITS = { fromMs: 100, toMs: 5_000 };

/** Back-off before the next attempt: 100 ms, doubled each time up to 5 s, in the second half of it; never before `retryAfterMs`. */
const backOff = (attempt: number, random: number, retryAfterMs = 0): number =>
  Math.max(retryAfterMs, backOffMs(attempt, WAITS) * (0.5 + random / 2));

/** Resolves after `ms`; rejects with the reason of the signal. */
export const pause = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', end);
      resolve();
    });
    signal?.addEventListener('abort', end, { once: true });
  });

/**
 * Tries until `attempt` answers undefined, or an error that no retry can cure, or one after which the time limit would pass. The
 * number of the attempt counts from 1.
 */
export const retried = async (
  { clock, random, timeLimitMs, attemptTimeoutMs, signal }: RetryDeps,
  attempt: (timeoutMs: number, number: number) => Promise<VerdiktError | undefined>,
): Promise<void> => {
  const until = clock.now() + timeLimitMs;
  for (let n = 1; ; n++) {
    const error = await attempt(Math.min(attemptTimeoutMs, until - clock.now()), n);
    if (error === undefined || !error.retryable) return;
    const ms = backOff(n, random(), error.retryAfterMs);
    if (clock.now() + ms >= until) return;
    await pause(clock, ms, signal);
  }
};
