import type { Clock } from '@verdikt/core/ports/clock.ts';

/** Those who wait for something to happen to a submission. */
interface Waiters {
  /** Resolves when `done` holds after a change, or after `ms`; undefined: there are too many. */
  add(id: string, ms: number, done: () => boolean): Promise<void> | undefined;
  changed(id: string): void;
  size(): number;
  /** Lets all of them go. */
  close(): void;
}

interface Waiter {
  readonly done: () => boolean;
  readonly go: () => void;
}

export const createWaiters = (clock: Clock, most: number): Waiters => {
  const byId = new Map<string, Set<Waiter>>();
  let size = 0;
  return {
    add(id, ms, done) {
      if (size >= most) return undefined;
      return new Promise((resolve) => {
        const go = (): void => {
          const waiting = byId.get(id);
          if (waiting?.delete(waiter) !== true) return;
          if (waiting.size === 0) byId.delete(id);
          size--;
          cancel();
          resolve();
        };
        const waiter: Waiter = { done, go };
        const cancel = clock.after(ms, go);
        size++;
        const waiting = byId.get(id);
        if (waiting === undefined) byId.set(id, new Set([waiter]));
        else waiting.add(waiter);
      });
    },
    changed(id) {
      const waiting = byId.get(id);
      if (waiting !== undefined) for (const w of [...waiting]) if (w.done()) w.go();
    },
    size: () => size,
    close() {
      for (const waiting of [...byId.values()]) for (const w of [...waiting]) w.go();
    },
  };
};
