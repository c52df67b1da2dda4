import type { Clock } from '@verdikt/core/ports/clock.ts';

/** A clock of whole milliseconds that moves only when told; timers fire in order of their time, equal ones in order of their making. */
export interface ManualClock extends Clock {
  /** Moves on, and fires all timers on the way, those made meanwhile included. */
  advance(ms: number): void;
  /** Moves to the next timer and fires it; false when there is none. */
  next(): boolean;
  /** When the next timer fires; Infinity when there is none. */
  readonly nextAt: number;
}

export const manualClock = (start = 1_000_000): ManualClock => {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly f: () => void }>();
  const first = (): { readonly at: number; readonly f: () => void } | undefined => {
    let found: { readonly at: number; readonly f: () => void } | undefined;
    for (const t of timers) if (found === undefined || t.at < found.at) found = t;
    return found;
  };
  const fire = (until: number): boolean => {
    const t = first();
    if (t === undefined || t.at > until) return false;
    timers.delete(t);
    now = Math.max(now, t.at);
    t.f();
    return true;
  };
  return {
    now: () => now,
    after: (ms, f) => {
      const timer = { at: now + Math.max(0, Math.ceil(ms)), f };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance: (ms) => {
      const until = now + ms;
      while (fire(until));
      now = until;
    },
    next: () => fire(Infinity),
    get nextAt() {
      return first()?.at ?? Infinity;
    },
  };
};
