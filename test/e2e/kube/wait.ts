/** Asks until the answer is true. Rejects after `ms` with what was waited for. */
export const until = async (what: string, ms: number, ask: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + ms;
  while (!(await ask())) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
