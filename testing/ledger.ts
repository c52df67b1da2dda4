import type { End, Placed } from './ends.ts';

/** Which words have their end. */
interface Ledger {
  /** In order of commit, and per key in the order of submission. */
  readonly ends: readonly End[];
  submitted(offset: number, key: string): void;
  ended(placed: readonly Placed[]): void;
  /** So many words were submissions that had been seen before. */
  dropped(words: number): void;
  /** True when each word has its end, was dropped, or waits behind one that is parked. */
  readonly settled: () => boolean;
}

export const createLedger = (): Ledger => {
  const ends: End[] = [];
  /** Keys of the words without an end, by offset. */
  const waiting = new Map<number, string>();
  const parked = new Set<string>();
  let duplicates = 0;
  return {
    ends,
    submitted: (offset, key) => void waiting.set(offset, key),
    ended: (placed) => {
      for (const { origin, end } of placed) {
        ends.push(end);
        waiting.delete(origin);
        if (end.kind === 'dead-letter' && end.parked) parked.add(end.key);
      }
    },
    dropped: (words) => void (duplicates += words),
    settled: () => {
      let left = -duplicates;
      for (const key of waiting.values()) if (!parked.has(key)) left++;
      return left <= 0;
    },
  };
};
