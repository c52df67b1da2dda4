import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { compose, fold, withoutMarks } from './fold.ts';
import { createPalindromeCheck } from './palindrome.ts';
import type { PalindromeOptions } from './schema.ts';

const DEFAULTS: PalindromeOptions = {
  name: 'palindrome',
  ignoreSpaces: false,
  ignorePunctuation: false,
  ignoreMarks: false,
  ignoreInvisible: false,
  caseSensitive: false,
  maxCodePoints: 10_000,
};
const outcome = (word: string, o: Partial<PalindromeOptions> = {}): CheckOutcome =>
  createPalindromeCheck({ ...DEFAULTS, ...o }).run({ word, id: 'id', attempt: 1 }) as CheckOutcome;
const answer = (word: string, o: Partial<PalindromeOptions> = {}): boolean => {
  const result = outcome(word, o);
  if (result.kind !== 'pass') throw new Error(`no answer but ${result.kind}`);
  return result.answer;
};

describe('by default', () => {
  test.each([
    ['', true],
    ['a', true],
    ['noon', true],
    ['Racecar', true],
    ['word', false],
    ['ab', false],
    ['12321', true],
    ['a b a', true],
    ['ab a', false],
    ['a,ba', false],
    ['été', true],
    ['ête', false],
    ['e\u0301te\u0301', true],
    ['\u00e9te\u0301', true],
    ['a\u0301a', false],
    ['aéa', true],
    ['ab\u0301a', true],
    ['Ämä', true],
    ['Σας', true],
    ['ΝΙΨΟΝΑΝΟΜΗΜΑΤΑΜΗΜΟΝΑΝΟΨΙΝ', true],
    ['шалаш', true],
    ['しんぶんし', true],
    ['기러기', true],
    ['토마토', true],
    ['다시 합창합시다', false],
    ['ßs', true],
    ['ßa', false],
    ['ßss', true],
    ['ẞß', true],
    ['ﬁif', true],
    ['ıi', false],
    ['\u0130i', false],
    ['👨‍👩‍👧x👨‍👩‍👧', true],
    ['👨‍👩‍👧', true],
    ['🇩🇪🇫🇷🇩🇪', true],
    ['🇩🇪🇩', false],
    ['👍🏽a👍🏽', true],
    ['👍🏽a👍', false],
    ['𐐀x𐐨', true],
    ['\r\n', true],
    ['a\r\na', true],
    ['\n\r', false],
    ['\u0600a', true],
    ['का', true],
    ['\ud800x\ud800', true],
    ['\0', true],
  ])('%j: %j', (word, expected) => {
    expect(answer(word)).toBe(expected);
  });
});

describe('options', () => {
  test.each([
    ['A man, a plan, a canal: Panama', { ignoreSpaces: true, ignorePunctuation: true }, true],
    ['A man, a plan, a canal: Panama', { ignoreSpaces: true }, false],
    ['A man, a plan, a canal: Panama', { ignorePunctuation: true }, false],
    ['Ésope reste ici et se repose', { ignoreSpaces: true }, false],
    ['Ésope reste ici et se repose', { ignoreSpaces: true, ignoreMarks: true }, true],
    ['다시 합창합시다', { ignoreSpaces: true }, true],
    ['ab\u3000a\u00a0', { ignoreSpaces: true }, true],
    ['ab\u3000a\u00a0', {}, false],
    ['«été»', { ignorePunctuation: true }, true],
    ['$a', { ignorePunctuation: true }, false],
    ['a.\u0301ba', { ignorePunctuation: true }, true],
    ['a.\u0301ba', {}, false],
    ['?!', { ignorePunctuation: true }, true],
    [' \u3000', { ignoreSpaces: true }, true],
    ['\u0301', { ignoreMarks: true }, true],
    ['e\u0301', { ignoreMarks: true }, true],
    ['éabe', { ignoreMarks: true }, false],
    ['ébe', { ignoreMarks: true }, true],
    ['Noon', { caseSensitive: true }, false],
    ['NooN', { caseSensitive: true }, true],
    ['Été', { caseSensitive: true }, false],
    ['e\u0301té', { caseSensitive: true }, true],
    ['. a', { ignoreSpaces: true, ignorePunctuation: true }, true],
  ] as [string, Partial<PalindromeOptions>, boolean][])('%j with %j: %j', (word, o, expected) => {
    expect(answer(word, o)).toBe(expected);
  });

  test('counts code points, not units', () => {
    const o = { maxCodePoints: 3 };
    expect(outcome('abcd', o)).toMatchObject({ kind: 'reject', reason: 'word-too-long' });
    expect(outcome('😀😀😀😀', o)).toMatchObject({ kind: 'reject', reason: 'word-too-long' });
    expect(outcome('a😀\ud800\ud800', o)).toMatchObject({ kind: 'reject' });
    expect([answer('aba', o), answer('😀a😀', o), answer('\udc00a\udc00', o)]).toEqual([true, true, true]);
  });
});

/** The definition, step by step: no short cut. */
const oracle = (word: string, o: PalindromeOptions): boolean => {
  const bare = o.ignoreMarks ? withoutMarks(word) : word;
  const text = o.caseSensitive ? compose(bare) : fold(bare);
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text);
  const kept = Array.from(segments, (s) => s.segment).filter(
    (s) => !(o.ignoreSpaces && /^\p{White_Space}/u.test(s)) && !(o.ignorePunctuation && /^\p{P}/u.test(s)),
  );
  return kept.join('|') === kept.reverse().join('|');
};

const NASTY =
  'aAbB iIsSßẞſσςΣéÉ\u0301\u0316\u0345ıİﬁ.,«»!?$ \u00a0\u3000\t\r\n\u200d\u0600\u1100\u1161\u11a8각한क\u094dष👩👨🏽🇩🇪😀漢';
const halves = fc.array(fc.constantFrom(...NASTY), { maxLength: 8 });
/** Mostly near palindromes: mirrored, with something in the middle and one thing changed at times. */
const words = fc
  .tuple(halves, fc.constantFrom('', ...NASTY), fc.option(fc.tuple(fc.nat(16), fc.constantFrom(...NASTY))))
  .map(([half, middle, change]) => {
    const list = [...half, middle, ...[...half].reverse()];
    if (change !== null && list.length > 0) list[change[0] % list.length] = change[1];
    return list.join('');
  });
const options = fc.record({
  name: fc.constant('palindrome'),
  ignoreSpaces: fc.boolean(),
  ignorePunctuation: fc.boolean(),
  ignoreMarks: fc.boolean(),
  ignoreInvisible: fc.constant(false),
  caseSensitive: fc.boolean(),
  maxCodePoints: fc.constant(1000),
});

test('every short cut answers as the definition does', () => {
  fc.assert(
    fc.property(
      fc.oneof(words, fc.string({ unit: 'binary' }), fc.string({ maxLength: 6 })),
      options,
      (word, o) => {
        expect(answer(word, o)).toBe(oracle(word, o));
      },
    ),
    { numRuns: 3000 },
  );
});

test('every unit of the plain scripts is a cluster of its own', () => {
  const plain: string[] = [];
  const ranges = [
    [0x20, 0x7e],
    [0xa0, 0x2ff],
    [0x370, 0x482],
    [0x48a, 0x58f],
    [0x1e00, 0x1fff],
    [0x3041, 0x3096],
    [0x30a1, 0x30fa],
  ];
  for (const [from, to] of [...ranges, [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xac00, 0xd7a3]])
    for (let c = from; c <= to; c++) plain.push(String.fromCharCode(c));
  const count = (list: string[]): number =>
    [...new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(list.join(''))].length;
  expect(count(plain)).toBe(plain.length);
  expect(count([...plain].reverse())).toBe(plain.length);
});

// With work that grows with the square these take minutes.
test.each([
  ['marks out of order', 'a' + '\u0301'.repeat(300_000) + '\u0316'.repeat(300_000) + 'a'],
  ['marks in runs just short enough', ('\u0301'.repeat(15) + '\u0316'.repeat(15) + 'a').repeat(20_000)],
  ['final sigmas and marks', 'Σ\u0345'.repeat(300_000)],
  ['one cluster of joiners', '👩\u200d'.repeat(200_000)],
  ['regional indicators', '🇩'.repeat(400_000)],
  ['jamo', '\u1100'.repeat(300_000) + '\u1161'.repeat(300_000)],
  ['viramas', 'क\u094d'.repeat(300_000)],
  ['expanding marks', 'a' + '\u0344'.repeat(600_000)],
])('%s are answered in linear time', (_, word) => {
  const o = { maxCodePoints: 1_000_000, ignoreSpaces: true, ignorePunctuation: true };
  expect(outcome(word, o).kind).toBe('pass');
  expect(outcome(word, { ...o, ignoreMarks: true }).kind).toBe('pass');
  expect(outcome(word, { ...o, caseSensitive: true }).kind).toBe('pass');
});

describe('what is not shown', () => {
  test.each([
    ['a soft hyphen', 'le\u00advel'],
    ['a direction mark', '\u200fאבא'],
    ['a non-joiner', 'ab\u200cba\u200c'],
    ['a joiner between letters', 'ab\u200dba'],
    ['a word joiner at the end', 'noon\u2060'],
  ])('%s is ignored where that is asked for', (_, word) => {
    expect([answer(word), answer(word, { ignoreInvisible: true })]).toEqual([false, true]);
  });

  test.each([
    ['👩\u200d🚀x👩\u200d🚀', true],
    ['👩\u200d🚀', true],
    ['👩🏽\u200d🚀x🚀\u200d👩🏽', false],
    ['le\u00advl', false],
  ])('%j stays what it is: %p', (word, expected) => {
    expect(answer(word, { ignoreInvisible: true })).toBe(expected);
  });
});
