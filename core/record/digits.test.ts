import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Digits } from './digits.ts';

const rendered = (digits: Digits, n: number): string => {
  const count = digits.render(n);
  return String.fromCharCode(...Array.from({ length: count }, (_, i) => digits.view.getUint8(i)));
};

test('a number is written as String has it', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (n) => expect(rendered(new Digits(), n)).toBe(String(n))));
});

test('so are those beside each power of ten, zero and the largest', () => {
  const digits = new Digits();
  for (let power = 1; power < 1e15; power *= 10)
    for (const n of [power - 1, power, power + 1]) expect(rendered(digits, n)).toBe(String(n));
  for (const n of [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 0])
    expect(rendered(digits, n)).toBe(String(n));
});

test('and so is one after the other, by whatever steps', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.array(fc.integer({ min: -2, max: 3 }), { maxLength: 60 }),
      (from, steps) => {
        const digits = new Digits();
        let n = from;
        for (const step of [0, ...steps]) {
          n = Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, n + step));
          expect(rendered(digits, n)).toBe(String(n));
        }
      },
    ),
    { numRuns: 500 },
  );
  const digits = new Digits();
  for (let n = 0; n < 1_200; n++) expect(rendered(digits, n)).toBe(String(n));
});
