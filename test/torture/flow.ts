import { setTimeout as pause } from 'node:timers/promises';

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
  let stopping = false;
  const run = async (): Promise<void> => {
    while (!stopping) {
      const due = Math.floor(((performance.now() - since) / 1_000) * perSecond) - words;
      if (due > 0) {
        words += due;
        await write(Array.from({ length: due }, next));
      }
      await pause(TICK_MS);
    }
  };
  const running = run();
  // Its failure is told to the caller of stop.
  running.catch(() => undefined);
  return {
    stop: async () => {
      stopping = true;
      await running;
      return { words, perSecond: words / ((performance.now() - since) / 1_000) };
    },
  };
};
