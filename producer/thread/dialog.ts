import type { Clock } from '@verdikt/core/ports/clock.ts';

/** A thread, as far as we use one. */
export interface Thread<To> {
  post(message: To): void;
  /** Ends it at once. */
  kill(): void;
}

/** What every thread is told. */
export type Told<Q> =
  { readonly do: 'ask'; readonly n: number; readonly question: Q } | { readonly do: 'stop' };

const STOP_MS = 2_000;

/** Questions to a thread that may end at any time, and its end. `away`: the answer where there comes none. */
export const createDialog = <Q, A>(clock: Clock, away: A) => {
  const asked = new Map<number, (answer: A) => void>();
  let questions = 0;
  let stopped = (): void => undefined;
  return {
    /** Questions that wait. */
    get size(): number {
      return asked.size;
    },
    /** Never rejects, and takes at most `patienceMs`. */
    ask: (to: Thread<Told<Q>>, question: Q, patienceMs: number): Promise<A> => {
      const n = ++questions;
      return new Promise((resolve) => {
        const cancel = clock.after(patienceMs, () => answer(away));
        const answer = (a: A): void => {
          asked.delete(n);
          cancel();
          resolve(a);
        };
        asked.set(n, answer);
        to.post({ do: 'ask', n, question });
      });
    },
    answered: (n: number, answer: A): void => asked.get(n)?.(answer),
    /** The thread has ended, whatever of. */
    ended: (): void => {
      for (const answer of [...asked.values()]) answer(away);
      stopped();
    },
    /** Tells it to stop, and resolves when it has ended; after 2 s it is ended. */
    stop: (thread: Thread<Told<Q>>): Promise<void> =>
      new Promise((resolve) => {
        const cancel = clock.after(STOP_MS, () => thread.kill());
        stopped = () => {
          cancel();
          resolve();
        };
        thread.post({ do: 'stop' });
      }),
  };
};
