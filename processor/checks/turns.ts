/** Others between two of keys that fail, where a quarter of the places is less than one. */
const BETWEEN = 3;

export interface Turns {
  /** Resolves when it is its turn. `failing`: of a key that fails. */
  take(failing: boolean): Promise<void>;
  give(failing: boolean): void;
}

/**
 * So many at once; the others in the order in which they came. Keys that fail get a quarter of the places while others wait, and else three
 * quarters: they may take their time to fail.
 */
export const createTurns = (most: number): Turns => {
  const quarter = Math.floor(most / 4);
  let running = 0;
  let failingOnes = 0;
  let since = BETWEEN;
  const others: (() => void)[] = [];
  const failing: (() => void)[] = [];

  const mayFail = (): boolean => {
    if (others.length === 0) return failingOnes < Math.max(1, most - quarter);
    return quarter === 0 ? since >= BETWEEN : failingOnes < quarter;
  };
  const next = (): void => {
    while (running < most) {
      const fails = failing.length > 0 && mayFail();
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
