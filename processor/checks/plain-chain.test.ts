import { describe, expect, test } from '@jest/globals';
import { BYTES, type Check, type CheckOutcome } from '@verdikt/core/ports/chain.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { viewOf } from '@verdikt/core/record/wide-bytes.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import { createPalindromeCheck } from './palindrome.ts';
import type { PlainWord } from './plain-chain.ts';
import { chainOf } from './run-chain.ts';

const palindrome = createPalindromeCheck({
  ...{ name: 'palindrome', maxCodePoints: 50, caseSensitive: true },
  ...{ ignoreSpaces: true, ignorePunctuation: false, ignoreMarks: false, ignoreInvisible: false },
});
const pass = (answer: boolean, detail: string | null = null): CheckOutcome => ({
  ...{ kind: 'pass', answer, detail },
});

/** A word, and an id behind it, in the value of a record. */
const wordOf = (word: string, id = 'id-1'): PlainWord & { readonly record: InRecord } => {
  const record = inRecord({ key: 'k', value: word + id });
  const { valueStart, valueEnd } = record;
  const end = valueStart + word.length;
  return {
    record,
    view: viewOf(record.buffer),
    start: valueStart,
    end,
    idStart: end,
    idEnd: valueEnd,
    key: 7,
  };
};
const inputOf = ({ record }: PlainWord, word: string) => ({ word, id: 'id-1', attempt: 1, record });

/** Answers so at once, and tells of its calls. */
const own = (name: string, say: () => unknown, calls: string[] = []): Check => ({
  name,
  atOnce: () => true,
  run: ({ word, id, attempt, redrive, key, record }) => {
    calls.push([name, word, id, attempt, redrive, key, record?.key].join());
    return say() as CheckOutcome;
  },
});

describe('what a chain answers at once', () => {
  test('is what it answers when it is run', () => {
    const chain = chainOf([palindrome, own('a', () => pass(true)), own('b', () => pass(false))]);
    for (const [text, answers] of [
      ['Ab a', 2],
      ['ab a', 3],
      ['', 3],
    ] as const) {
      const word = wordOf(text);
      expect(chain.plain?.answers(word)).toBe(answers);
      const results = chain.plain?.results(answers);
      expect(chain.run(inputOf(word, text), [])).toEqual({ kind: 'done', results });
    }
  });

  test('tells a check of your own all of a first attempt', () => {
    const calls: string[] = [];
    chainOf([own('a', () => pass(true), calls)]).plain?.answers(wordOf('noon'));
    expect(calls).toEqual(['a,noon,id-1,1,0,7,k']);
  });

  test.each([
    ['a detail', () => pass(true, 'seen')],
    ['a retry', () => ({ kind: 'retry', reason: 'busy', detail: '' })],
    ['a promise', () => Promise.resolve(pass(false))],
    ['nothing', () => undefined],
    [
      'an error',
      () => {
        throw new Error('broken');
      },
    ],
  ])('is not all where a check gives %s: the run goes on from there, once', async (_, say) => {
    const calls: string[] = [];
    const checks = [
      own('a', () => pass(false), calls),
      own('b', say, calls),
      own('c', () => pass(true), calls),
    ];
    const chain = chainOf(checks);
    const word = wordOf('noon');
    expect(chain.plain?.answers(word)).toBe(-1);
    const goneOn = await chain.run(inputOf(word, 'noon'), []);
    const names = calls.map((c) => c.split(',')[0]);
    expect(goneOn).toEqual(await chainOf(checks).run(inputOf(word, 'noon'), []));
    const all = goneOn.kind === 'done' ? ['a', 'b', 'c'] : ['a', 'b'];
    expect(names).toEqual(all);
    calls.length = 0;
    await chain.run(inputOf(word, 'noon'), []);
    expect(calls).toHaveLength(all.length);
  });

  test('is of the record that was looked at', () => {
    const calls: string[] = [];
    const chain = chainOf([own('a', () => pass(true, 'seen'), calls)]);
    chain.plain?.answers(wordOf('noon'));
    void chain.run(inputOf(wordOf('other'), 'other'), []);
    expect(calls.map((c) => c.split(',')[1])).toEqual(['noon', 'other']);
  });

  test('is nothing, and asks nobody, once a check answers late', () => {
    const calls: string[] = [];
    const late: Check = { ...own('b', () => pass(true), calls), atOnce: () => false };
    const chain = chainOf([own('a', () => pass(true), calls), late]);
    expect([chain.plain?.answers(wordOf('noon')), calls]).toEqual([-1, []]);
  });

  test('runs nothing beyond a check that only bytes could tell', () => {
    const calls: string[] = [];
    const unsure: Check = { ...palindrome, name: 'unsure', bytes: () => BYTES.unsure };
    const chain = chainOf([own('a', () => pass(true), calls), unsure]);
    const word = wordOf('noon');
    expect(chain.plain?.answers(word)).toBe(-1);
    expect(chain.run(inputOf(word, 'noon'), [])).toMatchObject({ kind: 'done' });
    expect(calls).toHaveLength(1);
  });
});

test('a chain has a plain side only where each of its few checks has one', () => {
  const slow: Check = { name: 'slow', run: () => pass(true) };
  expect(chainOf([palindrome, slow]).plain).toBeUndefined();
  const many = (n: number) => chainOf(Array.from({ length: n }, (_, i) => own(`c${i}`, () => pass(true))));
  expect([many(8).plain?.answers(wordOf('a')), many(9).plain]).toEqual([255, undefined]);
});
