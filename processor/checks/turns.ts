import { BETWEEN, mayFail } from '@verdikt/engine/policy/failing-places.ts';

interface Turns {
  /** Resolves when it is its turn. `failing`: of a key that fails. */
  take(failing: boolean): Promise<void>;
  give(failing: boolean): void;
}

/**
 * So many at once; the others in the order in which they came. Keys that fail get a part of the places, see mayFail.
 */
export const createTurns = (most: number): Turns => {
  let running = 0;
  let failingOnes = 0;
  let since = BETWEEN;
  const others: (() => void)[] = [];
  const failing: (() => void)[] = [];

  const next = (): void => {
    while (running < most) {
      const fails = failing.length > 0 && mayFail(most, failingOnes, since, others.length > 0);
      const begin = fails ? failing.shift() : others.shift();
      if (begin === undefined) return;
      running++;
      if (fails) failingOnes++;
      since = fails ? 0 : since + 1;
      begin();
    }
  };

  return {
    take: (fails) =>
      new Promise((resolve) => {
        (fails ? failing : others).push(resolve);
        next();
      }),
    give: (fails) => {
      running--;
      if (fails) failingOnes--;
      next();
    },
  };
};
