import { expect, test } from '@jest/globals';
import { isPlainText } from './plain-text.ts';

test('a byte is plain exactly where it is the same character in JSON', () => {
  for (let byte = 0; byte < 256; byte++) {
    const bytes = Buffer.from([0, byte, 0]);
    const text = bytes.toString('utf8', 1, 2);
    // DEL is the one that JSON leaves as it is and that is no printable character.
    const same = Buffer.from(text).equals(bytes.subarray(1, 2)) && JSON.stringify(text) === `"${text}"`;
    expect([byte, isPlainText(bytes, 1, 2)]).toEqual([byte, same && byte !== 0x7f]);
  }
});

test('every byte of the range counts, and none outside of it', () => {
  const bytes = Buffer.from('"abc"');
  expect([isPlainText(bytes, 1, 4), isPlainText(bytes, 1, 1)]).toEqual([true, true]);
  expect([isPlainText(bytes, 0, 4), isPlainText(bytes, 1, 5)]).toEqual([false, false]);
});
