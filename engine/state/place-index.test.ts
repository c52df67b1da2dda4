import { expect, test } from '@jest/globals';
import { EntryTable } from './entries.ts';
import { PlaceIndex, placeHash } from './place-index.ts';

const BIG = 2 ** 40;
const PLACES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [7, 65_535],
  [BIG, 0],
  [BIG + 1, 0],
  [2 ** 53 - 1, 3],
] as const;

test('finds an entry by origin and redrive count, and by nothing else', () => {
  const entries = new EntryTable();
  const index = new PlaceIndex(entries);
  const slots = PLACES.map(([origin, redrive]) => entries.alloc(origin, redrive));
  for (const slot of slots) index.add(slot);
  expect(PLACES.map(([origin, redrive]) => index.find(origin, redrive))).toEqual(slots);
  expect([index.find(1, 1), index.find(2, 0), index.find(BIG + 2, 0)]).toEqual([-1, -1, -1]);
});

test('what is taken out is gone, once, and may come back under another count', () => {
  const entries = new EntryTable();
  const index = new PlaceIndex(entries);
  const slot = entries.alloc(9, 0);
  index.add(slot);
  expect([index.take(9, 0), index.take(9, 0), index.find(9, 0)]).toEqual([slot, -1, -1]);
  entries.redriven(slot);
  index.add(slot);
  expect([index.find(9, 0), index.find(9, 1)]).toEqual([-1, slot]);
});

test('spreads neighbours, redrive counts and what differs beyond 32 bits', () => {
  const hashes = new Set<number>();
  const low = new Set<number>();
  const note = (h: number): void => {
    hashes.add(h);
    low.add(h & 0xffff);
  };
  const n = 16_384;
  for (let i = 0; i < n; i++) {
    note(placeHash(i, 0));
    note(placeHash(i, 1));
    note(placeHash(i * 2 ** 32, 0));
    note(placeHash(i * 1_000, 0));
  }
  // Four of them are origin 0 under one count.
  expect(hashes.size).toBeGreaterThan(4 * n - 100);
  // As many balls thrown into as many boxes leave 37 % of them empty.
  expect(low.size / 65_536).toBeGreaterThan(0.6);
});
