import { setTimeout as pause } from 'node:timers/promises';

/**
 * How long something is waited for, and how often it is asked for: 4 minutes, by which only what hangs is late and before the limit
 * of the test is, and every 50 ms where nothing is said.
 */
interface Patience {
  readonly withinMs?: number;
  readonly everyMs?: number;
}

/** Asks until the answer is enough or the time is over; the last answer, whatever it is. */
export const lastAnswer = async <T>(
  ask: () => T | Promise<T>,
  enough: (answer: T) => boolean,
  { withinMs = 240_000, everyMs = 50 }: Patience = {},
): Promise<T> => {
  for (const end = performance.now() + withinMs; ; await pause(everyMs)) {
    const answer = await ask();
    if (enough(answer) || performance.now() > end) return answer;
  }
};

/** Waits until it is so. When it does not come to be so in time, rejects with `what`, which may be told only then. */
export const until = async (
  what: string | (() => string | Promise<string>),
  so: () => boolean | Promise<boolean>,
  patience: Patience = {},
): Promise<void> => {
  if (await lastAnswer(so, (yes) => yes, patience)) return;
  throw new Error(`waited in vain: ${typeof what === 'string' ? what : await what()}`);
};
