import { expect, test } from '@jest/globals';
import { backOffMs } from './back-off.ts';

test('a wait doubles with each failure, up to the longest', () => {
  const waits = [1, 2, 3, 4, 5, 2_000].map((n) => backOffMs(n, { fromMs: 100, toMs: 500 }));
  expect(waits).toEqual([100, 200, 400, 500, 500, 500]);
});

test('or grows by another factor', () => {
  expect([1, 2, 3].map((n) => backOffMs(n, { fromMs: 10, toMs: 1_000, factor: 3 }))).toEqual([10, 30, 90]);
  expect(backOffMs(9, { fromMs: 10, toMs: 1_000, factor: 1 })).toBe(10);
});
