import { expect, test } from '@jest/globals';
import { idempotencyKey } from './http-headers.ts';

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
