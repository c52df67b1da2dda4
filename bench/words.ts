// The input of every cell: record i of a benchmark, always the same.
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { createSubmissionEncoder } from '../schemas/encode.ts';
import type { Input } from './cell.ts';

export const PARTITIONS = 12;
/** Under which the registry of a benchmark knows WordSubmitted. */
export const SCHEMA_ID = 1;
const KEYS = 10_000;
const WORD_LENGTH = 77;
const ID_PREFIX = '01980000-0000-7000-8000-';

export const idOf = (i: number): string => ID_PREFIX + i.toString(16).padStart(12, '0');
/** Number of the record that has this id; NaN for any other text. */
export const indexOf = (id: string): number =>
  id.startsWith(ID_PREFIX) && id.length === 36 ? parseInt(id.slice(24), 16) : NaN;

/** A prime step, so that neighbours have different keys. */
export const keyNumber = (i: number): number => (i * 7919) % KEYS;
const keys = Array.from({ length: KEYS }, (_, k) => Buffer.from(`key-${k}`));
const partitions = keys.map((key) => partitionOf(key, PARTITIONS));
export const keyOf = (i: number): Buffer => keys[keyNumber(i)];
export const partitionOfRecord = (i: number): number => partitions[keyNumber(i)];

/** Every second word is a palindrome; the others miss it in the middle, so that all letters must be looked at. */
export const isPalindrome = (i: number): boolean => i % 2 === 0;
/** First and last letter of a word that is not plain text: two and three bytes in UTF-8, and what JSON escapes. */
const NOT_PLAIN = ['é', '日', '"', '\\'];
/** One record in ten, as many palindromes as others. */
const isMixed = (i: number): boolean => i % 20 === 3 || i % 20 === 14;

export const wordOf = (i: number, input: Input = 'plain'): string => {
  const letters: string[] = new Array<string>(WORD_LENGTH);
  const half = WORD_LENGTH >> 1;
  for (let n = i + 1, k = 0; k <= half; k++) {
    n = (Math.imul(n, 1103515245) + 12345) & 0x7fffffff;
    letters[k] = letters[WORD_LENGTH - 1 - k] = String.fromCharCode(97 + ((n >>> 16) % 26));
  }
  if (!isPalindrome(i)) letters[half - 1] = letters[half + 1] === 'x' ? 'y' : 'x';
  if (input === 'mixed' && isMixed(i))
    letters[0] = letters[WORD_LENGTH - 1] = NOT_PLAIN[Math.floor(i / 20) % NOT_PLAIN.length];
  return letters.join('');
};

const encode = createSubmissionEncoder(SCHEMA_ID);
const traceparent = (i: number): string =>
  `00-${i.toString(16).padStart(32, 'a')}-${i.toString(16).padStart(16, 'b')}-01`;

export const recordOf = (i: number, now: number, input: Input = 'plain'): OutRecord => ({
  key: keyOf(i),
  value: encode(wordOf(i, input), now),
  headers: [
    ['id', idOf(i)],
    ['submitted-at', String(now)],
    ['traceparent', traceparent(i)],
  ],
});
