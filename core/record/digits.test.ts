import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countDigits, putDigits } from './digits.ts';

const written = (n: number): string => {
  const b = Buffer.alloc(20, '.');
  const end = putDigits(b, 2, n, countDigits(n));
  return b.toString('latin1', 0, end + 1);
};

test('a number is written as String has it, and nothing around it', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (n) => expect(written(n)).toBe(`..${n}.`)));
});

test('so are those beside each power of ten, zero and the largest', () => {
  for (let power = 1; power < 1e15; power *= 10)
    for (const n of [power - 1, power, power + 1]) expect(written(n)).toBe(`..${n}.`);
  expect(written(Number.MAX_SAFE_INTEGER)).toBe(`..${Number.MAX_SAFE_INTEGER}.`);
});
