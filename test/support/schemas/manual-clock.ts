import type { Clock } from '@verdikt/core/ports/clock.ts';

/** A clock that moves only when told; timers fire in order of their time. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  readonly timers: number;
}

export function manualClock(start = 1_000_000): ManualClock {
  let now = start;
  const timers = new Map<object, { at: number; f: () => void }>();
  return {
    now: () => now,
    after(ms, f) {
      const key = {};
      timers.set(key, { at: now + ms, f });
      return () => void timers.delete(key);
    },
    advance(ms) {
      now += ms;
      const due = [...timers].filter(([, t]) => t.at <= now).sort((a, b) => a[1].at - b[1].at);
      for (const [key, t] of due) if (timers.delete(key)) t.f();
    },
    get timers() {
      return timers.size;
    },
  };
}
