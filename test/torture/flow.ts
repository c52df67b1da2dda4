import { untilStopped } from '../support/until-stopped.ts';

/** Words that are written at a rate. */
export interface Flow {
  /** Resolves with what was written, and how many a second that were, when the last one is stored. Rejects where one was not. */
  stop(): Promise<{ readonly words: number; readonly perSecond: number }>;
}

const TICK_MS = 50;

/** Writes what is due every 50 ms; who writes slower than that catches up as well as it can. */
export const startFlow = (
  perSecond: number,
  next: () => number,
  write: (keys: readonly number[]) => Promise<void>,
): Flow => {
  const since = performance.now();
  let words = 0;
  const writing = untilStopped(TICK_MS, async () => {
    const due = Math.floor(((performance.now() - since) / 1_000) * perSecond) - words;
    if (due <= 0) return;
    words += due;
    await write(Array.from({ length: due }, next));
  });
  return {
    stop: async () => {
      await writing.stop();
      return { words, perSecond: words / ((performance.now() - since) / 1_000) };
    },
  };
};
