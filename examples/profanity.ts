import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defineCheck, pass, retry, Type } from 'verdikt';

/** Refuses the words of a list, which is read once when the processor starts. */
export default defineCheck({
  name: 'profanity',
  options: Type.Object({
    list: Type.String({
      default: fileURLToPath(new URL('profanity.txt', import.meta.url)),
      description: 'A word a line.',
    }),
  }),
  setup: async ({ list }, { log }) => {
    const words = new Set((await readFile(list, 'utf8')).split('\n').filter((line) => line !== ''));
    log.info({ list, words: words.size }, 'the list is read');
    return words;
  },
  run: ({ word, attempt }, words) => {
    // Something that is away for a moment, so that there is a retry to see; the words of its key wait behind it.
    if (word === 'rotator' && attempt < 3) return retry('list-busy', 'the list is being written');
    return words.has(word.toLowerCase()) ? pass(false, 'it is in the list') : true;
  },
});
