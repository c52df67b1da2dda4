import type { Clock } from '@verdikt/core/ports/clock.ts';

/** Share of its time that the thread which takes words is busy, above which the view gives way to it, and below which it does not any more. */
const BUSY = 0.8;
const CALM = 0.6;

/** Whether the view gives way, after a look at how busy the thread was that takes words. `before`: whether it did so until now. */
export const givesWay = (before: boolean, busy: number): boolean => busy > (before ? CALM : BUSY);

/** Between slices of all logs: 25 of them a second, of at most 200 records each. */
const PAUSE_MS = 40;

/** Decides when the view reads on. */
export interface Pace {
  giveWay(on: boolean): void;
  /** To be awaited between slices: lets questions be answered, and everything else of the edge go first while it gives way. */
  breathe(): Promise<void>;
}

export const createPace = (clock: Clock, immediate: (then: () => void) => void): Pace => {
  let gives = false;
  let free = 0;
  return {
    giveWay: (on) => {
      gives = on;
    },
    breathe: () =>
      new Promise((resolve) => {
        if (!gives) return void immediate(resolve);
        const now = clock.now();
        // One after the other, whatever the number of logs.
        free = Math.max(free, now) + PAUSE_MS;
        clock.after(free - now, resolve);
      }),
  };
};
