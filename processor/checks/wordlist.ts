import type { Check, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { fold } from './fold.ts';

const pass = (answer: boolean): CheckOutcome => ({ kind: 'pass', answer, detail: null });
const IN = pass(true);
const OUT = pass(false);

/** Words of a list file: a line each, trimmed, without a byte order mark; empty lines and lines that start with # are left out. */
export const parseWordList = (text: string): string[] =>
  text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

interface WordlistCheckOptions {
  readonly name: string;
  /** `allow`: true for words in the list. `deny`: true for words that are not. */
  readonly mode: 'allow' | 'deny';
}

/** Is the word in the list? Letter case and composition do not matter; see `fold`. Pure; the words are held in memory. */
export const createWordlistCheck = (o: WordlistCheckOptions, words: Iterable<string>): Check => {
  const list = new Set<string>();
  for (const w of words) list.add(fold(w));
  const [found, missing] = o.mode === 'allow' ? [IN, OUT] : [OUT, IN];
  return { name: o.name, atOnce: () => true, run: ({ word }) => (list.has(fold(word)) ? found : missing) };
};
