import type { Expected } from '../../engine/facts.ts';
import { chance } from './load.ts';

const reversed = (s: string): string => [...s].reverse().join('');

/** About half of the words are palindromes; each word occurs once. */
export const wordOf = (key: string, counter: number): string => {
  const half = `${key}x${counter}`;
  return chance(half) < 0.5 ? half : half + reversed(half);
};

/**
 * Attempts of a word that fail before it is judged: a share of all words, `always`, is given up, a further share, `some`, fails one
 * to three times.
 */
export const failing =
  (always: number, some: number) =>
  (word: string): number => {
    const c = chance(word);
    if (c < always) return 1_000;
    return c < always + some ? 1 + Math.floor(chance(`${word}!`) * 3) : 0;
  };

/** A tenth fails one to three times, one in a thousand always. */
export const someFail = failing(0.001, 0.1);

/** What the check `palindrome` alone must say, found out in another way. */
export const palindromeVerdict = (word: string): Expected => ({
  kind: 'result',
  answer: String(reversed(word) === word),
  attempts: 1,
});

/** What `palindrome` and the check over HTTP for tests must say, which fails as told; it is given up after so many attempts. */
export const verdictAfter =
  (failures: (word: string) => number, maxAttempts: number) =>
  (word: string): Expected => {
    const failed = failures(word);
    if (failed >= maxAttempts) return { kind: 'dead-letter', reason: 'http-5xx', attempts: maxAttempts };
    const answer = reversed(word) === word && word.length % 2 === 0;
    return { kind: 'result', answer: String(answer), attempts: failed + 1 };
  };
