import { setTimeout as pause } from 'node:timers/promises';

/** Something done again and again. */
export interface Repeated {
  /** Resolves when the last round is over. Rejects where one failed, after which there was none. */
  stop(): Promise<void>;
}

/** Does it now and `everyMs` after each time, until it is stopped. */
export const untilStopped = (everyMs: number, round: () => Promise<void>): Repeated => {
  let stopping = false;
  const run = async (): Promise<void> => {
    while (!stopping) {
      await round();
      await pause(everyMs);
    }
  };
  const running = run();
  // Its failure is told to the caller of stop.
  running.catch(() => undefined);
  return {
    stop: () => {
      stopping = true;
      return running;
    },
  };
};
