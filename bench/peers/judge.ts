// What the peers on Node do with one record: the same decoding, check and JSON as our own loop, so that only the loops differ.
import { createPalindromeCheck } from '../../processor/checks/palindrome.ts';
import { WIRE_PREFIX } from '../../schemas/encode.ts';
import { readEqual } from '../../schemas/read.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';

const check = createPalindromeCheck({
  name: 'palindrome',
  ignoreSpaces: false,
  ignorePunctuation: false,
  ignoreMarks: false,
  ignoreInvisible: false,
  caseSensitive: false,
  maxCodePoints: 10_000,
});
const encode = createVerdictEncoder({ format: 'json' });

/** The verdict as JSON. */
export const judge = (value: Buffer, id: string, origin: number): string => {
  const read = readEqual(value, WIRE_PREFIX, value.length);
  if (read.kind !== 'ok') throw new Error('not a WordSubmitted');
  return judgeWord(read.word, id, origin, read.submittedAt);
};

export const judgeWord = (word: string, id: string, origin: number, submittedAt: number): string => {
  const outcome = check.run({ word, id, attempt: 1 });
  if (outcome instanceof Promise || outcome.kind !== 'pass') throw new Error('the check has no answer');
  const { answer, detail } = outcome;
  const checks = [{ check: 'palindrome', answer, detail }];
  return encode({
    id,
    word,
    accepted: answer,
    checks,
    attempts: 1,
    submittedAt,
    judgedAt: Date.now(),
    origin,
  }) as string;
};
