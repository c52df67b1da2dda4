// The check of the curve of lanes: words that begin so have no answer for now, all others one at once.
import { defineCheck, retry } from '@verdikt/processor/checks/define.ts';
import { isMirrored } from './own-check.ts';
import { WAITS } from './words.ts';

export default defineCheck({
  name: 'palindrome',
  run: ({ word }) => (word.startsWith(WAITS) ? retry('not-yet') : isMirrored(word)),
});
