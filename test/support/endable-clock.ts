import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';

/** The clock of the system, for tests in which an answer never comes: nobody has to wait until its time is over. */
export interface EndableClock extends Clock {
  /** Ends all waits that are under way, as if their time were over. */
  endWaits(): void;
  /** From now on it is so much later. */
  skip(ms: number): void;
}

export const endableClock = (): EndableClock => {
  const waits = new Set<() => void>();
  let ahead = 0;
  return {
    now: () => systemClock.now() + ahead,
    after: (ms, f) => {
      const end = (): void => {
        cancel();
        f();
      };
      const stop = systemClock.after(ms, end);
      const cancel = (): void => {
        stop();
        waits.delete(end);
      };
      waits.add(end);
      return cancel;
    },
    endWaits: () => {
      for (const end of [...waits]) if (waits.has(end)) end();
    },
    skip: (ms) => void (ahead += ms),
  };
};
