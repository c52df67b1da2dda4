import type { Clock } from '@verdikt/core/ports/clock.ts';

export interface ManualClock extends Clock {
  /** Moves the time and runs what is due, in order. */
  advance(ms: number): void;
}

/** A clock that moves only when told. */
export const createManualClock = (start = 1_700_000_000_000): ManualClock => {
  let now = start;
  let timers: { readonly at: number; readonly f: () => void }[] = [];
  return {
    now: () => now,
    after: (ms, f) => {
      const timer = { at: now + ms, f };
      timers.push(timer);
      return () => void (timers = timers.filter((t) => t !== timer));
    },
    advance: (ms) => {
      const end = now + ms;
      for (;;) {
        const due = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((t) => t !== due);
        now = due.at;
        due.f();
      }
      now = end;
    },
  };
};
