import type { ManualClock } from './manual-clock.ts';

export interface PaceDeps {
  readonly clock: ManualClock;
  /** True while something runs that takes real time. */
  readonly busy: () => boolean;
  /** True when there is nothing left to wait for. */
  readonly done: () => boolean;
  /** Why it can never be done. */
  readonly failure: () => unknown;
  /** Of virtual time, in milliseconds. */
  readonly limitMs: number;
}

/** Turns of the event loop in which everything that does not wait for time has happened. */
const TURNS = 4;

const turns = async (): Promise<void> => {
  for (let i = 0; i < TURNS; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/**
 * Moves the clock until `done`: as real time goes while something runs, else straight to the next timer. Rejects with `failure`, or
 * with an Error where nothing is left that could happen, or after `limitMs`.
 */
export const pace = async ({ clock, busy, done, failure, limitMs }: PaceDeps): Promise<void> => {
  const until = clock.now() + limitMs;
  let last = performance.now();
  for (;;) {
    await turns();
    const now = performance.now();
    if (failure() !== undefined) throw failure();
    if (done()) return;
    if (busy()) {
      clock.advance(Math.max(0, Math.floor(now - last)));
      last = now;
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      continue;
    }
    last = now;
    if (clock.now() > until) throw new Error(`words are still undecided after ${limitMs} ms`);
    if (!clock.next()) throw new Error('words are undecided, and nothing is due');
  }
};

/** What `work` resolves with; the clock jumps from timer to timer meanwhile. */
export const paced = async <T>(clock: ManualClock, work: Promise<T>): Promise<T> => {
  let over = false;
  const ended = work.finally(() => (over = true));
  ended.catch(() => undefined);
  for (await turns(); !over; await turns()) clock.next();
  return await ended;
};
