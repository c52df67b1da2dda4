import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { oneLine, printable, safeBytes, safeText } from './safe-text.ts';

describe('safeText', () => {
  test.each([
    ['short', 10, 'short'],
    ['exactly', 7, 'exactly'],
    ['too long', 3, 'too'],
    ['a\r\nb\u001b[31m\u2028\u202ec\0', 99, 'a  b [31m  c '],
    ['ab😀', 3, 'ab'],
    ['ab😀', 4, 'ab😀'],
    ['a\ud800b', 9, 'a b'],
    ['äöü', 2, 'äö'],
  ])('%j at %d', (text, most, expected) => {
    expect(safeText(text, most)).toBe(expected);
  });
});

describe('safeBytes', () => {
  test.each([
    ['äöü', 4, 'äö'],
    ['äöü', 5, 'äö'],
    ['a😀', 4, 'a'],
    ['a😀', 5, 'a😀'],
    ['語', 2, ''],
  ])('%j at %d', (text, most, expected) => {
    expect(safeBytes(text, most)).toBe(expected);
  });

  test('stays within its bound, is well formed, and cuts only what it must', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), fc.nat(40), (text, most) => {
        const out = safeBytes(text, most);
        expect(Buffer.byteLength(out)).toBeLessThanOrEqual(most);
        expect(out.isWellFormed()).toBe(true);
        const whole = safeText(text, 1000);
        expect(whole.startsWith(out)).toBe(true);
        const next = [...whole.slice(out.length)][0];
        if (next !== undefined) expect(Buffer.byteLength(out + next)).toBeGreaterThan(most);
      }),
    );
  });
});

describe('text for a terminal', () => {
  test.each([
    ['nothing to escape: é, 語, 😀, אבא', 'nothing to escape: é, 語, 😀, אבא'],
    ['a\u200e\u200fb', 'a\u200e\u200fb'],
    ['\u001b[31m\u009b1m\u007f', '\\u001b[31m\\u009b1m\\u007f'],
    ['\u202elevel\u2066x\u2069', '\\u202elevel\\u2066x\\u2069'],
    ['a\r\n\tb\u2028', 'a\\r\\n\\tb\\u2028'],
    ['\ud800', '\\ud800'],
  ])('%j is one line', (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  test('keeps line breaks where lines are wanted', () => {
    expect(printable('a\nb\r\u0000')).toBe('a\nb\\r\\u0000');
  });

  test('what is escaped in JSON is read as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
        const shown = printable(JSON.stringify({ text }));
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(JSON.parse(shown)).toEqual({ text });
      }),
    );
  });
});
