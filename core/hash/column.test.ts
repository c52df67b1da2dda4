import { expect, test } from '@jest/globals';
import { resized, roomAfter } from './column.ts';

test('a column keeps its values and its kind, and what is new is empty', () => {
  expect(resized(Float64Array.of(1, 2.5), 4)).toEqual(Float64Array.of(1, 2.5, 0, 0));
  expect(resized(Int32Array.of(-1, 7), 4, -1)).toEqual(Int32Array.of(-1, 7, -1, -1));
  expect(resized(Uint8Array.of(3, 4, 5), 2)).toEqual(Uint8Array.of(3, 4));
});

test('a long one grows and shrinks where it is, and forgets what was cut off', () => {
  const long = resized(Int32Array.of(1, 2, 3), 5_000, -1);
  const { buffer } = long;
  expect([long.length, long[2], long[3], long[4_999]]).toEqual([5_000, 3, -1, -1]);
  const longer = resized(long, 1_000_000);
  expect(longer.buffer).toBe(buffer);
  longer[999_999] = 7;
  const short = resized(longer, 2);
  expect([short.buffer === buffer, [...short]]).toEqual([true, [1, 2]]);
  expect(resized(short, 1_000_000)[999_999]).toBe(0);
});

test('a column may outgrow what was reserved for it', () => {
  const long = resized(Uint8Array.of(9), 5_000);
  const longer = resized(long, 70 * 1024 * 1024);
  expect([longer.length, longer[0], longer.buffer === long.buffer]).toEqual([70 * 1024 * 1024, 9, false]);
});

test('short columns double, long ones grow by an eighth', () => {
  expect([0, 16, 4_096, 1 << 20].map(roomAfter)).toEqual([16, 32, 8_192, (1 << 20) + (1 << 17)]);
});
