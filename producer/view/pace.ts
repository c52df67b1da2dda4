import type { Clock } from '@verdikt/core/ports/clock.ts';

/** Share of its time that the thread which takes words is busy, above which the view gives way to it, and below which it does not any more. */
const BUSY = 0.8;
const CALM = 0.6;

/** Whether the view gives way, after a look at how busy the thread was that takes words. `before`: whether it did so until now. */
export const givesWay = (before: boolean, busy: number): boolean => busy > (before ? CALM : BUSY);

/** Of a core, that reading takes at most while it gives way. */
const SHARE = 0.1;

interface PaceDeps {
  readonly clock: Clock;
  /** Calls it after what is due before. */
  readonly later: (then: () => void) => void;
  /** CPU time of this thread so far, milliseconds. */
  readonly cpuMs: () => number;
}

/** Decides when the view reads on. */
export interface Pace {
  giveWay(on: boolean): void;
  /** To be awaited between slices: lets questions be answered, and everything else of the edge go first while it gives way. */
  breathe(): Promise<void>;
}

export const createPace = ({ clock, later, cpuMs }: PaceDeps): Pace => {
  let gives = false;
  let free = 0;
  let used = cpuMs();
  return {
    giveWay: (on) => {
      gives = on;
    },
    breathe: () =>
      new Promise((resolve) => {
        const before = used;
        used = cpuMs();
        if (!gives) return void later(resolve);
        const now = clock.now();
        // One after the other, whatever the number of logs.
        free = Math.max(free, now) + (used - before) * (1 / SHARE - 1);
        clock.after(free - now, resolve);
      }),
  };
};
