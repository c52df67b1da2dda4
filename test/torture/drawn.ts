import type { Random } from '../engine/history/random.ts';

/** `n` different integers in 0 .. below - 1, in random order. */
export const drawn = (random: Random, below: number, n: number): number[] => {
  const left = Array.from({ length: below }, (_, i) => i);
  return Array.from({ length: n }, () => left.splice(random.below(left.length), 1)[0]);
};
