import { expect, test } from '@jest/globals';
import { durationMs, parseWhen } from './when.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');

test.each([
  ['beginning', 'beginning'],
  ['end', 'end'],
  ['15m', NOW - 900_000],
  ['2d', NOW - 172_800_000],
  ['0s', NOW],
  ['2026-02-28', NOW - 86_400_000],
  ['2026-02-28T23:59:59.500Z', NOW - 500],
  ['2026-03-01T02:00:00+02:00', NOW],
])('%s is a time', (text, when) => {
  expect(parseWhen(text, NOW, 'from')).toBe(when);
});

test.each(['', 'yesterday', '15', '1.5h', '-3m', '2026', '2026-02-30T', '2026-13-01', 'end '])(
  '"%s" is none',
  (text) => {
    expect(() => parseWhen(text, NOW, 'from')).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', details: { field: 'from' } }),
    );
  },
);

test('a duration has one unit', () => {
  expect(['500ms', '30s', '15m', '2h', '7d'].map((t) => durationMs(t, 'x'))).toEqual([
    500, 30_000, 900_000, 7_200_000, 604_800_000,
  ]);
  expect(() => durationMs('end', 'maxAge')).toThrow('maxAge');
});
