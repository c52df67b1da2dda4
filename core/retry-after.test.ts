import { expect, test } from '@jest/globals';
import { retryAfterMs } from './retry-after.ts';

const NOW = Date.parse('2026-11-06T08:49:30Z');

test.each([
  ['5', 5_000],
  ['0', 0],
  ['Fri, 06 Nov 2026 08:49:37 GMT', 7_000],
  ['Friday, 06-Nov-26 08:49:37 GMT', 7_000],
  ['Fri, 06 Nov 2026 08:49:00 GMT', 0],
  ['1.5', undefined],
  ['-5', undefined],
  ['soon', undefined],
  ['', undefined],
  ['1234567890', undefined],
  [null, undefined],
  [undefined, undefined],
])('%j is %j ms', (value, expected) => {
  expect(retryAfterMs(value, NOW)).toBe(expected);
});
