import { expect, test } from '@jest/globals';
import { rateOf } from './failing-keys.ts';

test('the rate is that of the middle of a phase, in whatever order its ends were seen', () => {
  // One every 10 ms, but for a slow beginning and a slow end.
  const ends = Array.from({ length: 100 }, (_, i) => (i < 10 ? i : i > 95 ? 99_000 + i : 1_000 + i * 10));
  expect(rateOf(ends)).toBe(100);
  expect(rateOf([...ends].reverse())).toBe(100);
});
