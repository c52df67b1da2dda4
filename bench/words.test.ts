import { expect, test } from '@jest/globals';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { idOf, indexOf, isPalindrome, SHAPE, WAITS, Words } from './words.ts';

const ID = 'an-id-of-words';
const words = new Words(SHAPE, ID);
const turned = (word: string): string => [...word].reverse().join('');

test.each([0, 1, 2, 3, 9_999, 10_000, 399_999, 1_234_567])('record %d', (i) => {
  const word = words.wordOf(i);
  expect(turned(word) === word).toBe(isPalindrome(i));
  expect(indexOf(idOf(i))).toBe(i);
  expect(words.partitionOf(i)).toBe(partitionOf(words.keyOf(i), 12));
  const { value, headers } = words.recordOf(i, 1_700_000_000_000);
  expect(value).toHaveLength(90);
  expect(headers.map(([name]) => name)).toEqual(['id', 'submitted-at', 'traceparent', 'verdikt-edge']);
  expect(headers[3][1]).toBe(ID);
  expect(headers[2][1]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('words that were submitted under a key may come twice', () => {
  const { headers } = new Words({ ...SHAPE, resubmitted: true }, ID).recordOf(7, 1);
  expect(headers[3]).toEqual(['idempotency-key', 'key-7']);
});

test('words and ids differ', () => {
  const n = 5_000;
  expect(new Set(Array.from({ length: n }, (_, i) => words.wordOf(i))).size).toBe(n);
  expect(indexOf('0')).toBeNaN();
});

test('one mixed record in ten is not plain, with the same answers', () => {
  const mixed = new Words({ ...SHAPE, mixed: true }, ID);
  const all = Array.from({ length: 800 }, (_, i) => ({ i, word: mixed.wordOf(i) }));
  const other = all.filter(({ i, word }) => word !== words.wordOf(i));
  expect(other).toHaveLength(80);
  expect(new Set(other.map(({ word }) => word[0]))).toEqual(new Set(['é', '日', '"', '\\']));
  for (const { i, word } of all) expect(turned(word) === word).toBe(isPalindrome(i));
});

test('one record in eight waits, each of a key of its own, until there are enough', () => {
  const some = new Words({ ...SHAPE, waiting: 20 }, ID);
  const waiting = Array.from({ length: 800 }, (_, i) => i).filter((i) => some.waits(i));
  expect(waiting).toHaveLength(20);
  expect(new Set(waiting.map((i) => some.keyOf(i).toString())).size).toBe(20);
  for (const i of waiting) {
    expect(some.wordOf(i).startsWith(WAITS)).toBe(true);
    expect(some.partitionOf(i)).toBe(partitionOf(some.keyOf(i), 12));
  }
});

test('keys are the same whether they are kept or made', () => {
  const many = new Words({ ...SHAPE, keys: 1_000_000, partitions: 96 }, ID);
  expect(new Set(Array.from({ length: 200_000 }, (_, i) => many.keyNumber(i))).size).toBe(200_000);
  for (const i of [0, 1, 50, 199_999]) expect(many.partitionOf(i)).toBe(partitionOf(many.keyOf(i), 96));
});
