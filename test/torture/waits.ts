import type { Seen } from './observer.ts';

/**
 * Milliseconds from the submission of a word to its end, at that share of all that are chosen (0.99: all but one in a hundred
 * waited less). NaN when none was chosen, or ends do not tell when they were submitted.
 */
export const waitAt = (seen: readonly Seen[], share: number, of: (r: Seen['record']) => boolean): number => {
  const waits = seen
    .filter((s) => of(s.record))
    .map((s) => s.record.timestamp - Number(s.record.headers.get('submitted-at') ?? Number.NaN));
  if (waits.some(Number.isNaN)) return Number.NaN;
  return waits.sort((a, b) => a - b)[Math.floor(waits.length * share)] ?? Number.NaN;
};
