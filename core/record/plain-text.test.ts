import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPlainText } from './plain-text.ts';
import { viewOf } from './wide-bytes.ts';

/** The same of one byte, by what JSON makes of it. DEL is the one that JSON leaves as it is and that is no printable character. */
const isPlain = (byte: number): boolean => {
  const text = Buffer.from([byte]).toString('utf8');
  const same = Buffer.from(text).equals(Buffer.from([byte])) && JSON.stringify(text) === `"${text}"`;
  return same && byte !== 0x7f;
};

test('a byte is plain exactly where it is the same character in JSON, at each place of a text', () => {
  for (let byte = 0; byte < 256; byte++)
    for (let length = 1; length <= 9; length++)
      for (let at = 0; at < length; at++) {
        const bytes = Buffer.alloc(length, 'a');
        bytes[at] = byte;
        expect([byte, length, at, isPlainText(viewOf(bytes), 0, length)]).toEqual([
          ...[byte, length, at, isPlain(byte)],
        ]);
      }
});

test('bytes do not hide each other', () => {
  const some = fc.constantFrom(0, 1, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x7e, 0x7f, 0x80, 0xff);
  fc.assert(
    fc.property(fc.array(fc.oneof(some, fc.integer({ min: 0x20, max: 0x7e })), { maxLength: 12 }), (list) => {
      const bytes = Buffer.from(list);
      expect(isPlainText(viewOf(bytes), 0, bytes.length)).toBe(list.every(isPlain));
    }),
    { numRuns: 20_000 },
  );
});

test('every byte of the range counts, and none outside of it', () => {
  const bytes = viewOf(Buffer.from('"abcdefgh"'));
  expect([isPlainText(bytes, 1, 9), isPlainText(bytes, 1, 1)]).toEqual([true, true]);
  expect([isPlainText(bytes, 0, 9), isPlainText(bytes, 1, 10)]).toEqual([false, false]);
});
