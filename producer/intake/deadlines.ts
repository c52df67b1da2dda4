import type { Clock } from '@verdikt/core/ports/clock.ts';

/** Many waits of one length with one timer: arming and ending one costs a map entry. */
export interface Deadlines {
  /** Starts, or starts again, the wait of `owner`; `due` runs once when it is over. */
  add(owner: object, due: () => void): void;
  /** Ends the wait. Unknown owner: no-op. */
  remove(owner: object): void;
  /** Ends all waits and the timer. */
  close(): void;
}

/** @param ms length of each wait; it may last longer by as much as the clock's timers are late */
export const createDeadlines = (clock: Clock, ms: number): Deadlines => {
  // In order of their ends, as all waits have one length.
  const waits = new Map<object, { readonly at: number; readonly due: () => void }>();
  let disarm: (() => void) | undefined;

  const check = (): void => {
    disarm = undefined;
    const now = clock.now();
    for (const [owner, { at, due }] of waits) {
      if (at > now) return arm(at - now);
      waits.delete(owner);
      due();
    }
  };

  const arm = (delay: number): void => {
    disarm = clock.after(delay, check);
  };

  return {
    add(owner, due) {
      waits.delete(owner);
      waits.set(owner, { at: clock.now() + ms, due });
      if (disarm === undefined) arm(ms);
    },
    remove: (owner) => void waits.delete(owner),
    close() {
      waits.clear();
      disarm?.();
      disarm = undefined;
    },
  };
};
