import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RowIndex } from './row-index.ts';

test('finds what was added and not removed, however the hashes collide', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(60)), { maxLength: 300 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 3, 64, 1_000), (list, spread) => {
      const hashOf = (row: number): number => row % spread;
      const index = new RowIndex({ hashOf });
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

test('takes 5 to 9 bytes a row, and nothing once it is empty', () => {
  const index = new RowIndex({ hashOf: (row) => Math.imul(row, 0x9e3779b1) });
  const empty = index.bytes;
  for (let row = 0; row < 100_000; row++) index.add(row);
  expect(index.bytes / index.size).toBeGreaterThan(4.5);
  expect(index.bytes / index.size).toBeLessThan(9.2);
  for (let row = 0; row < 100_000; row++) index.remove(row);
  expect([index.size, index.bytes]).toEqual([0, empty]);
});
