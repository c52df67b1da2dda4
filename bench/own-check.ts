// The check of the cell `ours-check`: the built-in one as somebody would write it, on texts.
import { defineCheck } from '@verdikt/processor/checks/define.ts';

export const isMirrored = (word: string): boolean => {
  const letters = word.toLowerCase();
  for (let i = 0, j = letters.length - 1; i < j; i++, j--)
    if (letters.charCodeAt(i) !== letters.charCodeAt(j)) return false;
  return true;
};

export default defineCheck({ name: 'palindrome', run: ({ word }) => isMirrored(word) });
