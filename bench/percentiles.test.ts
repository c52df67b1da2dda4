import { expect, test } from '@jest/globals';
import { percentiles } from './percentiles.ts';

test('nearest rank, whatever the order', () => {
  const values = Array.from({ length: 1_000 }, (_, i) => ((i * 7) % 1_000) + 1);
  expect(percentiles(values, [0, 50, 99, 99.9, 100])).toEqual([1, 500, 990, 999, 1_000]);
});

test('one value is each of them, none is none', () => {
  expect(percentiles([5], [50, 99.9])).toEqual([5, 5]);
  expect(percentiles([], [50])).toEqual([NaN]);
});
