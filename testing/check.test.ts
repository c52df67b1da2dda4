import { describe, expect, test } from '@jest/globals';
import { defineCheck, pass, reject, retry, Type } from '../processor/public.ts';
import { openCheck, testCases, testCheck, type TestAttempt } from './public.ts';

const listed = (calls: unknown[] = []) =>
  defineCheck({
    name: 'listed',
    options: Type.Object({ words: Type.Array(Type.String()), most: Type.Integer({ default: 3 }) }),
    setup: (options) => (calls.push(options), new Set(options.words)),
    run: ({ word }, words) => pass(words.has(word), 'looked'),
    close: (words) => void calls.push(words.size),
  });

describe('a check', () => {
  test('gets checked options with their defaults, and is set up and closed', async () => {
    const calls: unknown[] = [];
    const outcome = await testCheck(listed(calls), 'a', { options: { words: ['a'] } });
    expect(outcome).toEqual(pass(true, 'looked'));
    expect(calls).toEqual([{ words: ['a'], most: 3 }, 1]);
  });

  test.each([
    [{ options: { words: 'a' } }, /options\/words/],
    [{ options: {} }, /options\/words: is missing/],
    [{ options: { words: [] }, timeoutMs: 0 }, /timeoutMs: must be >= 1/],
    [{ options: { words: [] }, name: 'A' }, /name/],
  ])('with settings %j is refused', async (settings, message) =>
    expect(testCheck(listed(), 'a', settings as object)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message),
    }),
  );

  test('whose setup fails is refused', async () =>
    expect(
      testCheck({ setup: () => Promise.reject(new Error('no pool')), run: () => true }, 'a'),
    ).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('no pool') }));

  test.each<[string, () => unknown, object]>([
    ['throws', () => JSON.parse('{'), { kind: 'retry', reason: 'check-threw' }],
    ['rejects', () => Promise.reject(new Error('x')), { reason: 'check-threw', detail: 'Error: x' }],
    ['answers nonsense', () => 7, { kind: 'retry', reason: 'check-invalid' }],
    ['promises nonsense', () => Promise.resolve(7), { kind: 'retry', reason: 'check-invalid' }],
    ['names a reason badly', () => retry('A B'), { reason: 'check-retry', detail: 'A B: ' }],
    ['says too much', () => pass(true, 'x'.repeat(600)), { detail: expect.stringMatching(/^.{512}$/) }],
  ])('that %s gives what a processor sees', async (_, run, outcome) =>
    expect(await testCheck({ run: run as () => boolean }, 'w')).toMatchObject(outcome),
  );

  test('is held to its time limit, and its signal is aborted', async () => {
    let aborted = false;
    const run = ({ signal }: { signal: AbortSignal }): Promise<boolean> =>
      new Promise(() => signal.addEventListener('abort', () => (aborted = true)));
    expect(await testCheck({ run }, 'w', { timeoutMs: 20 })).toEqual(
      retry('check-timeout', 'no answer within 20 ms'),
    );
    expect(aborted).toBe(true);
  });

  test('is told what the attempt says', async () => {
    const seen: object[] = [];
    const check = defineCheck({
      name: 'own',
      run: ({ word, key, id, attempt, redrive, headers }) =>
        seen.push({ word, key, id, attempt, redrive, headers }) > 0,
    });
    const given = { word: 'w', key: 'k', id: 'i', attempt: 2, redrive: 1, headers: { a: '1' } };
    const opened = await openCheck(check);
    for (const a of ['w', { word: 'w', key: null }, given]) await opened.run(a);
    await opened.close();
    const usual: TestAttempt = { word: 'w', attempt: 1, redrive: 0, headers: {} };
    expect(seen).toEqual([
      { ...usual, key: 'w', id: expect.any(String) },
      { ...usual, key: null, id: expect.any(String) },
      given,
    ]);
    expect(opened.name).toBe('own');
  });
});

describe('a list of cases', () => {
  const check = defineCheck({
    name: 'own',
    run: ({ word, attempt }) =>
      word === 'off' && attempt < 2
        ? retry('away', 'soon')
        : word === 'bad'
          ? reject('rude')
          : pass(true, 'seen'),
  });

  test('passes where all outcomes are as expected; details count where they are given', async () =>
    testCases(check, [
      ['a', true],
      ['a', pass(true)],
      ['a', pass(true, 'seen')],
      ['off', retry('away')],
      ['off', retry('away', 'soon')],
      [{ word: 'off', attempt: 2 }, true],
      ['bad', reject('rude')],
    ]));

  test('lists every case that fails', async () =>
    expect(
      testCases(check, [
        ['a', false],
        ['a', pass(true, 'else')],
        ['off', retry('gone')],
        ['off', reject('away')],
        ['bad', reject('rude')],
      ]),
    ).rejects.toMatchObject({
      name: 'AssertionError',
      message: expect.stringMatching(/^own: 4 of 5 cases failed\n"a": expected false, got \{.*\n.*\n.*\n.*$/),
    }));
});
