import { expect, test } from '@jest/globals';
import { createTracker } from './tracker.ts';
import type { Tracker } from './tracker.ts';

const sample = (word: string, key?: string) => ({
  word,
  accepted: true,
  attempts: 1,
  shows: '',
  ...(key === undefined ? {} : { key }),
});
const verdict = (id: string, word: string, over: object = {}) => ({
  id,
  word,
  accepted: true,
  attempts: 1,
  origin: 0,
  ...over,
});
const letter = (partition: number, offset: number) => ({
  key: null,
  partition,
  offset,
  reason: 'r',
  attempts: 1,
});
const withSamples = (): Tracker => {
  const t = createTracker();
  t.submitted({ sample: sample('a', 'k'), id: '1' });
  t.submitted({ sample: sample('b', 'k'), id: '2' });
  t.poisoned({ partition: 3, offset: 7 });
  return t;
};

test('all as expected: no problems', () => {
  const t = withSamples();
  expect(t.problems()).toEqual(['a: no verdict', 'b: no verdict', 'the poison record: no dead letter']);
  t.verdict(verdict('1', 'a'));
  t.verdict(verdict('2', 'b'));
  expect([t.decided(), t.total()]).toEqual([2, 3]);
  expect(t.deadLetter(letter(3, 7))).toBe(true);
  expect([t.decided(), t.problems()]).toEqual([3, []]);
});

test.each([
  [{ accepted: false }, 'a: accepted false, expected true'],
  [{ attempts: 2 }, 'a: 2 attempts, expected 1'],
  [{ word: 'c' }, 'a: the verdict is about c'],
])('a verdict with %j is a problem', (over, problem) => {
  const t = createTracker();
  t.submitted({ sample: sample('a'), id: '1' });
  t.verdict(verdict('1', 'a', over));
  expect(t.problems()).toEqual([problem]);
});

test('a second verdict, a second dead letter, and the wrong order within a key are problems', () => {
  const t = withSamples();
  t.verdict(verdict('2', 'b'));
  t.verdict(verdict('1', 'a'));
  t.verdict(verdict('1', 'a'));
  t.deadLetter(letter(3, 7));
  t.deadLetter(letter(3, 7));
  expect(t.problems()).toEqual([
    'a: 2 verdicts',
    'b came before a, which was submitted first with the same key',
    'the poison record: more than one dead letter',
  ]);
});

test('what others submitted is left alone', () => {
  const t = withSamples();
  expect(t.verdict(verdict('9', 'z'))).toBeUndefined();
  expect(t.deadLetter(letter(0, 0))).toBe(false);
  expect(t.decided()).toBe(0);
});

test('a word is compared in the form that the edge stores', () => {
  const t = createTracker();
  t.submitted({ sample: sample('A\u0308'), id: '1' });
  expect(t.verdict(verdict('1', '\u00c4'))?.word).toBe('A\u0308');
  expect(t.problems()).toEqual([]);
});
