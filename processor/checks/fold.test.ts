import { describe, expect, test } from '@jest/globals';
import { compose, fold, withoutMarks } from './fold.ts';

describe('fold', () => {
  test.each([
    ['NooN', 'noon'],
    ['Straße', 'STRASSE'],
    ['STRAẞE', 'strasse'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ς', 'Σ'],
    ['ﬃ', 'FFI'],
    ['ſ', 'S'],
    ['\u212a', 'k'],
    ['ǅ', 'ǆ'],
    ['ᾳ', 'ΑΙ'],
    ['\u13a0', '\uab70'],
    ['A\u030a', 'å'],
    ['\u01f0', 'J\u030c'],
    ['\u0130', 'i\u0307'],
    ['ΐ', '\u0399\u0308\u0301'],
    ['𐐀', '𐐨'],
  ])('%j is as %j', (a, b) => {
    expect(fold(a)).toBe(fold(b));
  });

  test.each([
    ['ı', 'i'],
    ['ı', 'I'],
    ['\u0130', 'i'],
    ['e', 'é'],
    ['α', 'a'],
  ])('%j is not as %j', (a, b) => {
    expect(fold(a)).not.toBe(fold(b));
  });

  // Simple case folding of the regular expression engine: it must never tell apart less than we do, one code point at a time.
  test('holds the same what simple case folding holds the same', () => {
    for (let c = 0x80; c < 0x1f000; c++) {
      if (c >= 0xd800 && c < 0xe000) continue;
      const char = String.fromCodePoint(c);
      for (const other of [char.toLowerCase(), char.toUpperCase()]) {
        if (other === char || other.length !== char.length || c === 0x131) continue;
        if (new RegExp(`^\\u{${c.toString(16)}}$`, 'iu').test(other))
          expect([c, fold(char)]).toEqual([c, fold(other)]);
      }
    }
  });
});

describe('compose', () => {
  test('composes up to 30 marks in a row and leaves longer runs alone', () => {
    const run = (n: number): string => `A\u030a${'\u0316'.repeat(n - 1)}`;
    expect(compose(run(30))).toBe(`\u00c5${'\u0316'.repeat(29)}`);
    expect(compose(run(31))).toBe(run(31));
  });
});

test.each([
  ['é', 'e'],
  ['e\u0301\u0316', 'e'],
  ['\u0301', ''],
  ['각', '각'],
  ['ﬁ', 'ﬁ'],
])('withoutMarks leaves of %j %j', (a, b) => {
  expect(withoutMarks(a)).toBe(b);
});
