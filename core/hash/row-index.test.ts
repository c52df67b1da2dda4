import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowIndex } from './row-index.ts';

test.each(['asked', 'kept'] as const)('finds what is there, however hashes that are %s collide', (hashes) => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 3, 64, 1_000), (list, spread) => {
      const hashOf = (row: number): number => 2 ** 32 - 1 - (row % spread);
      const index = new RowIndex({ hashOf }, hashes);
      const model = new Set<number>();
      for (const [add, row] of list) {
        if (add && !model.has(row)) {
          index.add(row);
          model.add(row);
        } else if (!add && model.delete(row)) index.remove(row);
        expect(index.size).toBe(model.size);
        for (let r = 0; r <= 60; r++)
          expect(index.find(hashOf(r), (found) => found === r)).toBe(model.has(r) ? r : -1);
      }
    }),
    { numRuns: 200 },
  );
});

test.each([
  ['asked', 1],
  ['kept', 2],
] as const)(
  'takes 5 to 9 bytes a row with hashes that are %s, times %d, and nothing once it is empty',
  (hashes, times) => {
    const index = new RowIndex({ hashOf: (row) => Math.imul(row, 0x9e3779b1) }, hashes);
    const empty = index.bytes;
    for (let row = 0; row < 100_000; row++) index.add(row);
    expect(index.bytes / index.size / times).toBeGreaterThan(4.5);
    expect(index.bytes / index.size / times).toBeLessThan(9.2);
    for (let row = 0; row < 100_000; row++) index.remove(row);
    expect([index.size, index.bytes]).toEqual([0, empty]);
  },
);

test('with hashes that are kept no other row is looked at', () => {
  const asked: number[] = [];
  const hashOf = (row: number): number => {
    asked.push(row);
    return row % 4;
  };
  const index = new RowIndex({ hashOf }, 'kept');
  for (let row = 0; row < 60; row++) index.add(row);
  asked.length = 0;
  const looked: number[] = [];
  index.find(7, (row) => looked.push(row) < 0);
  index.remove(3);
  expect([asked, looked]).toEqual([[3], []]);
});
