/** Asks once for all who ask at the same time, and keeps the answer for so long. A failure is kept for nobody. */
export const shared = <T>(f: () => Promise<T>, now: () => number, forMs: number): (() => Promise<T>) => {
  let kept: { readonly value: Promise<T>; until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.value;
    const asked = { value: f(), until: Infinity };
    kept = asked;
    asked.value.then(
      () => {
        asked.until = now() + forMs;
      },
      () => {
        if (kept === asked) kept = undefined;
      },
    );
    return asked.value;
  };
};
