import { expect, test } from '@jest/globals';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { idOf, indexOf, isPalindrome, keyOf, partitionOfRecord, recordOf, wordOf } from './words.ts';

const some = [0, 1, 2, 3, 9_999, 10_000, 399_999, 1_234_567];

test.each(some)('record %d', (i) => {
  const word = wordOf(i);
  expect([...word].reverse().join('') === word).toBe(isPalindrome(i));
  expect(indexOf(idOf(i))).toBe(i);
  expect(partitionOfRecord(i)).toBe(partitionOf(keyOf(i), 12));
  const { value, headers } = recordOf(i, 1_700_000_000_000);
  expect(value).toHaveLength(90);
  expect(headers.map(([name]) => name)).toEqual(['id', 'submitted-at', 'traceparent']);
  expect(headers[2][1]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});

test('one mixed record in ten is not plain, with the same answers', () => {
  const all = Array.from({ length: 800 }, (_, i) => ({ i, word: wordOf(i, 'mixed') }));
  const other = all.filter(({ i, word }) => word !== wordOf(i));
  expect(other).toHaveLength(80);
  expect(new Set(other.map(({ word }) => word[0]))).toEqual(new Set(['é', '日', '"', '\\']));
  for (const { i, word } of all) expect([...word].reverse().join('') === word).toBe(isPalindrome(i));
});

test('words and ids differ', () => {
  const n = 5_000;
  expect(new Set(Array.from({ length: n }, (_, i) => wordOf(i))).size).toBe(n);
  expect(indexOf('0')).toBeNaN();
});
