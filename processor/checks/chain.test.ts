import { describe, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/clock.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { createChain, type ChainDeps } from './chain.ts';
import type { ChainSpec } from './schema.ts';

const deps: ChainDeps = {
  clock: systemClock,
  readFile: (path) => {
    if (path === 'list.txt') return '# words\nNoon\n';
    throw new Error(`ENOENT: ${path}`);
  },
  fetch: () => Promise.resolve(new Response('{"answer":false}')),
};
const input = (word: string) => ({ word, id: 'id', attempt: 1 });
/** The problems that a configuration has, as "place: problem". */
const problems = (specs: unknown): string[] => {
  try {
    createChain(specs as ChainSpec[], deps);
  } catch (e) {
    if (!isServiceError(e, 'CONFIG_INVALID')) throw e;
    const list = e.details['problems'] as { field: string; problem: string }[];
    for (const p of list) expect(e.message).toContain(p.field);
    return list.map((p) => `${p.field}: ${p.problem}`);
  }
  return [];
};

describe('createChain', () => {
  test('builds each form, and answers at once without http', () => {
    const chain = createChain(
      [
        'palindrome',
        { palindrome: { name: 'strict', caseSensitive: true } },
        { wordlist: { file: 'list.txt', words: ['x'] } },
      ],
      deps,
    );
    expect(chain.stages).toEqual(['palindrome', 'strict', 'wordlist']);
    const results = (word: string): unknown => {
      const outcome = chain.run(input(word), []);
      return 'results' in outcome ? outcome.results.map((r) => r.answer) : outcome;
    };
    expect(results('Noon')).toEqual([true, false, true]);
    expect(results('x')).toEqual([true, true, true]);
    expect(results('y')).toEqual([true, true, false]);
  });

  test('calls a service only after the checks before it passed', async () => {
    const chain = createChain(
      [{ palindrome: { maxCodePoints: 4 } }, { http: { url: 'http://service/x' } }],
      deps,
    );
    expect(await chain.run(input('noon'), [])).toMatchObject({
      kind: 'done',
      results: [{ answer: true }, { answer: false }],
    });
    expect(chain.run(input('abcde'), [])).toMatchObject({
      kind: 'reject',
      reason: 'word-too-long',
      stage: 'palindrome',
    });
    await chain.close();
  });

  test.each([
    [undefined, ['chain: must list at least one check']],
    [[], ['chain: must list at least one check']],
    [['palindrom'], ['chain/0/palindrom: is not a check']],
    [['palindrome', { toString: {} }], ['chain/1/toString: is not a check']],
    [
      [7, null, {}, { palindrome: {}, http: {} }],
      [0, 1, 2, 3].map((i) => `chain/${i}: must name exactly one check`),
    ],
    [['http'], ['chain/0/http/url: is missing']],
    [['wordlist'], ['chain/0/wordlist: has no words']],
    [[{ palindrome: { ignoreSpace: true } }], ['chain/0/palindrome/ignoreSpace: is not known']],
    [[{ palindrome: { maxCodePoints: 0 } }], ['chain/0/palindrome/maxCodePoints: must be >= 1']],
    [[{ palindrome: null }], ['chain/0/palindrome: must be object']],
    [[{ wordlist: { words: ['a'], mode: 'maybe' } }], ['chain/0/wordlist/mode: must be one of allow, deny']],
    [[{ wordlist: { file: 'gone' } }], ['chain/0/wordlist/file: cannot be read: ENOENT: gone']],
    [[{ http: { url: 'http://' } }], ['chain/0/http/url: is no URL']],
    [[{ http: { url: 'https://user:secret@host/' } }], ['chain/0/http/url: must not hold credentials']],
    [['palindrome', 'palindrome'], ['chain/1: the name palindrome is taken']],
    [
      [{ http: { url: 'file:///etc', timeoutMs: 1.5 } }, 'nope'],
      [
        'chain/0/http/url: must match pattern "^https?://"',
        'chain/0/http/timeoutMs: must be integer',
        'chain/1/nope: is not a check',
      ],
    ],
  ])('refuses %j', (specs, expected) => {
    expect(problems(specs)).toEqual(expected);
  });

  test('shows no credentials in its message', () => {
    expect(() => createChain([{ http: { url: 'https://user:hunter2@host/' } }], deps)).toThrow(
      /^(?![^]*hunter2)/,
    );
  });

  test('leaves the configuration as it is', () => {
    const specs = [Object.freeze({ palindrome: Object.freeze({}) })];
    expect(createChain(specs, deps).stages).toEqual(['palindrome']);
    expect(specs).toEqual([{ palindrome: {} }]);
  });
});
