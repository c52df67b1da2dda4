import type { Expected } from '@verdikt/processor/testing/facts.ts';
import { chance } from './load.ts';

export const reversed = (s: string): string => [...s].reverse().join('');

/** About half of the words are palindromes; each word occurs once. */
export const wordOf = (key: string, counter: number): string => {
  const half = `${key}x${counter}`;
  return chance(half) < 0.5 ? half : half + reversed(half);
};

/** What the check `palindrome` alone must say, found out in another way. */
export const palindromeVerdict = (word: string): Expected => ({
  kind: 'result',
  answer: String(reversed(word) === word),
  attempts: 1,
});
