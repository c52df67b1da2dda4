import { expect, test } from '@jest/globals';
import { forecastHeader, idempotencyKey } from './http-headers.ts';

test.each([
  ['id-1', 'id-1.4'],
  ['with space\r\nx: y', 'with%20space%0D%0Ax%3A%20y.4'],
  ['ü\ud800', '%C3%BC%EF%BF%BD.4'],
  ['x'.repeat(1000), `${'x'.repeat(300)}.4`],
  ['', '.4'],
])('idempotencyKey of %.20j', (id, expected) => {
  const keys = [0, 2].map((redrive) => idempotencyKey({ word: 'w', id, attempt: 4, redrive }));
  expect(keys).toEqual([expected, expected.replace(/4$/, '2.4')]);
});

test('a forecast has a key of its own, and says what it is', () => {
  const input = { word: 'w', id: 'i', attempt: 1, redrive: 2 };
  expect(idempotencyKey({ ...input, forecast: true })).toBe('i.2.1.forecast');
  expect([forecastHeader(input), forecastHeader({ ...input, forecast: true })]).toEqual([
    {},
    { 'verdikt-forecast': '1' },
  ]);
});
