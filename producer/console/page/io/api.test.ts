import { expect, test } from '@jest/globals';
import { edgeSays, now } from './api.ts';

test('times are by the clock of the edge, unless the two agree but for the way of an answer', () => {
  edgeSays(Date.now() - 3_600_000);
  expect(Math.abs(now() - (Date.now() - 3_600_000))).toBeLessThan(1_000);
  edgeSays(Date.now() + 900);
  expect(Math.abs(now() - Date.now())).toBeLessThan(500);
});
