import { expect, test } from '@jest/globals';
import { exact, momentOf, plural, relative, span, stepOf } from './time.ts';

test.each([
  [4, '4 ms'],
  [999.6, '1000 ms'],
  [1_250, '1.3 s'],
  [12_400, '12 s'],
  [90_000, '2 min'],
  [3 * 3_600_000, '3 h'],
  [72 * 3_600_000, '3 d'],
])('%d ms is %s', (ms, text) => expect(span(ms)).toBe(text));

test('times are told from now, in whole seconds', () => {
  expect([relative(0, 500), relative(0, 2_900), relative(11_300, 0), relative(0, 61_000)]).toEqual([
    ...['now', '2 s ago', 'in 12 s', '1 min ago'],
  ]);
});

test('the exact time is local and has milliseconds', () => {
  const at = new Date(2026, 10, 29, 5, 6, 7, 8).getTime();
  expect(exact(at)).toBe('2026-11-29 05:06:07.008');
});

test('a moment of another day has its date', () => {
  const at = new Date(2026, 10, 29, 5, 6, 7, 8).getTime();
  const DAY = 86_400_000;
  expect([momentOf(at, at + 1_000), momentOf(at, at + DAY)]).toEqual([
    ...['05:06:07.008', '2026-11-29 05:06:07.008'],
  ]);
});

test('an arrow key moves a slider by little, and crosses a day in less than a day', () => {
  expect([1_000, 60_000, 3_600_000, 7 * 86_400_000].map(stepOf)).toEqual([10, 100, 1_000, 10_000]);
});

test('numbers have their noun', () => {
  expect([plural(1, 'key'), plural(0, 'key'), plural(1_200_000, 'word')]).toEqual([
    '1 key',
    '0 keys',
    '1,200,000 words',
  ]);
});
