import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_MARK_RUN, normaliseWord } from './word.ts';

const limits = { wordMaxBytes: 4096, wordMaxCodePoints: 1024 };
const of = (text: string, l = limits): string => {
  const r = normaliseWord(text, l);
  return typeof r === 'string' ? r : `${r.code}: ${r.detail}`;
};

const ACUTE = '\u0301'; // class 230
const GRAVE_BELOW = '\u0316'; // class 220: sorts before ACUTE, so a run of both in the wrong order is work

describe('normaliseWord', () => {
  test.each([
    ['ASCII stays', 'Level', 'Level'],
    ['Latin-1 stays', '\u00e9t\u00e9', '\u00e9t\u00e9'],
    ['composed once', `e${ACUTE}`, '\u00e9'],
    ['marks are sorted', `a${ACUTE}${GRAVE_BELOW}`, `\u00e1${GRAVE_BELOW}`],
    ['Hangul jamo compose', '\u1112\u1161\u11ab', '\ud55c'],
    ['singleton maps', '\u212b', '\u00c5'],
    ['emoji stay', '\u{1f469}\u200d\u{1f680}', '\u{1f469}\u200d\u{1f680}'],
    ['spaces stay', 'never odd or even', 'never odd or even'],
    ['direction marks stay, which real words carry', '\u200f\u05d0\u200e', '\u200f\u05d0\u200e'],
  ])('%s', (_, text, expected) => {
    expect(of(text)).toBe(expected);
  });

  const between = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCharCode(from + i));
  const CONTROLS = [...between(0, 0x1f), ...between(0x7f, 0x9f)];
  const DIRECTIONS = [...between(0x202a, 0x202e), ...between(0x2066, 0x2069)];
  test.each([
    ['empty', '', 'INPUT_INVALID: The word is empty.'],
    ['a lone high surrogate', 'a\ud800', /^INPUT_INVALID: .*surrogate/],
    ['a lone low surrogate', '\udc00a', /^INPUT_INVALID: .*surrogate/],
    ['swapped surrogates', '\udc00\ud800', /^INPUT_INVALID: .*surrogate/],
    ['a lone surrogate in front of a character above U+0300', '\ud800\u4e2d', /^INPUT_INVALID: .*surrogate/],
    ['31 marks', 'a' + ACUTE.repeat(31), /^INPUT_INVALID: .*marks/],
    ['31 marks without a base', ACUTE.repeat(31), /^INPUT_INVALID: .*marks/],
    [
      '31 marks of several planes',
      'a' + '\u{1d165}'.repeat(16) + ACUTE.repeat(15),
      /^INPUT_INVALID: .*marks/,
    ],
  ])('refuses %s', (_, text, expected) => {
    expect(of(text)).toMatch(expected);
  });

  test.each(CONTROLS)('refuses control character %j', (c) => {
    expect(of(`a${c}b`)).toMatch(/^INPUT_INVALID: .*control/);
  });

  test.each(DIRECTIONS)('refuses %j, which turns the direction of what follows', (c) => {
    expect(of(`a${c}b`)).toMatch(/^INPUT_INVALID: .*direction/);
  });

  test.each([' ', '~', '\u00a0', '\u2029', '\u202f', '\u2065', '\u206a'])(
    'takes %j, which is next to what is refused',
    (c) => {
      expect(of(`a${c}b`)).toBe(`a${c}b`);
    },
  );

  test(`takes ${MAX_MARK_RUN} marks in a row, again after each base`, () => {
    const word = ('a' + GRAVE_BELOW.repeat(MAX_MARK_RUN)).repeat(3);
    expect(of(word)).toBe(word);
  });

  test.each([
    ['code points at the limit', 'a'.repeat(1024), true],
    ['code points over it', 'a'.repeat(1025), false],
    ['astral code points at the limit', '\u{1f600}'.repeat(1024), true],
    ['astral code points over it', '\u{1f600}'.repeat(1025), false],
  ])('counts %s', (_, text, fits) => {
    expect(of(text)).toBe(fits ? text : 'INPUT_TOO_LARGE: The word is too long.');
  });

  test.each([
    ['one byte', 'abcd'],
    ['two bytes below U+0300', '\u00e9\u00e9'],
    ['two bytes above', '\u0431\u0431'],
    ['three bytes', '\u4e2da'],
    ['four bytes', '\u{1f600}'],
  ])('counts bytes of UTF-8: %s', (_, text) => {
    expect(Buffer.byteLength(text)).toBe(4);
    expect(of(text, { wordMaxBytes: 4, wordMaxCodePoints: 99 })).toBe(text);
    expect(of(text, { wordMaxBytes: 3, wordMaxCodePoints: 99 })).toBe(
      'INPUT_TOO_LARGE: The word is too long.',
    );
  });

  test('checks the length again after normalising, which can make text longer', () => {
    const growing = '\u{1d160}'; // 4 bytes become 12, one code point becomes three
    expect(of(growing, { wordMaxBytes: 12, wordMaxCodePoints: 3 })).toBe(growing.normalize('NFC'));
    expect(of(growing, { wordMaxBytes: 11, wordMaxCodePoints: 3 })).toMatch(/^INPUT_TOO_LARGE/);
    expect(of(growing, { wordMaxBytes: 12, wordMaxCodePoints: 2 })).toMatch(/^INPUT_TOO_LARGE/);
  });

  test('checks mark runs again after normalising, so that its own answer is always accepted', () => {
    // The presentation form becomes base + two marks.
    expect(of('\ufb2c' + GRAVE_BELOW.repeat(29))).toMatch(/^INPUT_INVALID: .*marks/);
    expect(of('\ufb2c' + GRAVE_BELOW.repeat(28))).not.toMatch(/^INPUT/);
  });

  test('looks at nothing past the limit', () => {
    expect(of('a'.repeat(4097) + '\u0000')).toMatch(/^INPUT_TOO_LARGE/);
  });

  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0x301, 0x316, 0x345, 0x1161, 0x11a8, 0xd83d, 0xde00, 0x200d, 0x212b, 0xfb2c),
    fc.integer({ min: 0x20, max: 0x7e }),
  );
  const text = fc.array(unit, { maxLength: 80 }).map((units) => String.fromCharCode(...units));

  test('for any text: a refusal, or NFC within the limits that is its own normal form', () => {
    const tight = { wordMaxBytes: 60, wordMaxCodePoints: 30 };
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (raw) => {
        const word = normaliseWord(raw, tight);
        if (typeof word !== 'string') {
          const why =
            raw.length === 0 ||
            !raw.isWellFormed() ||
            // eslint-disable-next-line no-control-regex
            /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(raw) ||
            [raw, raw.normalize('NFC')].some(
              (t) => [...t].length > 30 || Buffer.byteLength(t) > 60 || /\p{M}{31}/u.test(t),
            );
          expect(why).toBe(true);
          return;
        }
        expect(word).toBe(raw.normalize('NFC'));
        expect(word.isWellFormed()).toBe(true);
        expect(Buffer.byteLength(word)).toBeLessThanOrEqual(60);
        expect([...word].length).toBeLessThanOrEqual(30);
        expect(normaliseWord(word, tight)).toBe(word);
      }),
      { numRuns: 3000 },
    );
  });
});
