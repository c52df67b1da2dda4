/** Runs one call after the other, so that what they share is read by one at a time. A failure is told to its caller alone. */
export const inTurn = <T>(f: () => Promise<T>): (() => Promise<T>) => {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const next = last.then(f, f);
    last = next;
    return next;
  };
};
