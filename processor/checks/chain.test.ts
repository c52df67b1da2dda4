import { describe, expect, test } from '@jest/globals';
import { Type } from '@verdikt/core/config/fields.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { createChain, type ChainDeps } from './chain.ts';
import { defineCheck } from './define.ts';
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
const problems = async (specs: unknown, more: Partial<ChainDeps> = {}): Promise<string[]> => {
  try {
    await createChain(specs as ChainSpec[], { ...deps, ...more });
  } catch (e) {
    if (!isServiceError(e, 'CONFIG_INVALID')) throw e;
    const list = e.details['problems'] as { field: string; problem: string }[];
    for (const p of list) expect(e.message).toContain(p.field);
    return list.map((p) => `${p.field}: ${p.problem}`);
  }
  return [];
};

describe('createChain', () => {
  test('builds each form, and answers at once without http', async () => {
    const chain = await createChain(
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
    const chain = await createChain(
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
    [
      [{ http: { url: 'http://[::ffff:10.0.0.1]/', publicAddressesOnly: true } }],
      ['chain/0/http/url: names ::ffff:a00:1, which is not a public address'],
    ],
    [[{ http: { url: 'http://h/', caFile: 'gone' } }], ['chain/0/http/caFile: cannot be used: ENOENT: gone']],
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
  ])('refuses %j', async (specs, expected) => {
    expect(await problems(specs)).toEqual(expected);
  });

  test('shows no credentials in its message', async () => {
    await expect(createChain([{ http: { url: 'https://user:hunter2@host/' } }], deps)).rejects.toThrow(
      /^(?![^]*hunter2)/,
    );
  });

  test('leaves the configuration as it is', async () => {
    const specs = [Object.freeze({ palindrome: Object.freeze({}) })];
    expect((await createChain(specs, deps)).stages).toEqual(['palindrome']);
    expect(specs).toEqual([{ palindrome: {} }]);
  });
});

describe('a module of your own', () => {
  const calls: unknown[] = [];
  const modules: Record<string, unknown> = {
    './short.ts': { default: (word: string) => word.length < 4 },
    './list.ts': {
      default: defineCheck({
        name: 'listed',
        options: Type.Object({ words: Type.Array(Type.String()), most: Type.Integer({ default: 3 }) }),
        setup: (o) => (calls.push(o), Promise.resolve(new Set(o.words))),
        run: ({ word }, words) => words.has(word),
        close: (words) => void calls.push(words.size),
      }),
    },
    './fails.ts': { default: { setup: () => Promise.reject(new Error('no pool')), run: () => true } },
    './loud.ts': { default: { name: 'LOUD', run: () => true } },
    './schema.ts': { default: { options: { type: 'wrong' }, run: () => true } },
  };
  const own = {
    importModule: (name: string) =>
      name in modules
        ? Promise.resolve(modules[name] as Record<string, unknown>)
        : Promise.reject(new Error(`Cannot find module ${name}`)),
  };

  test('is a stage like any other, set up once and closed', async () => {
    const chain = await createChain(
      [{ module: './short.ts' }, { module: './list.ts', options: { words: ['a', 'b'] } }],
      { ...deps, ...own },
    );
    expect(chain.stages).toEqual(['short', 'listed']);
    expect(chain.run(input('b'), [])).toMatchObject({
      kind: 'done',
      results: [{ answer: true }, { answer: true }],
    });
    await chain.close();
    expect(calls).toEqual([{ words: ['a', 'b'], most: 3 }, 2]);
  });

  test.each([
    [{ module: './gone.ts' }, './gone.ts cannot be used: Cannot find module ./gone.ts', '/module'],
    [{ module: './loud.ts' }, './loud.ts names itself "LOUD"', '/module'],
    [{ module: './short.ts', options: { a: 1 } }, 'is not known', '/options/a'],
    [{ module: './list.ts' }, 'is missing', '/options/words'],
    [{ module: './list.ts', options: { words: [], more: 1 } }, 'is not known', '/options/more'],
    [{ module: './schema.ts' }, 'the schema of the check is wrong: ', '/options'],
    [{ module: './fails.ts' }, 'the setup of fails failed: no pool', ''],
    [{ module: './short.ts', timeoutMs: 0 }, 'must be >= 1', '/timeoutMs'],
    [{ module: './short.ts', palindrome: {} }, 'is not known', '/palindrome'],
  ])('%j is refused', async (spec, problem, at) => {
    const [found, ...others] = await problems([spec], own);
    expect(others).toEqual([]);
    expect(found).toContain(`chain/0${at}: ${problem}`);
  });

  test('may stand in the chain as a value with options, name and limits', async () => {
    const { default: listed } = modules['./list.ts'] as { default: never };
    const spec = { check: listed, options: { words: ['a'] }, name: 'mine', timeoutMs: 10 };
    const chain = await createChain([spec], deps);
    expect(chain.stages).toEqual(['mine']);
    expect(chain.run(input('a'), [])).toMatchObject({ results: [{ check: 'mine', answer: true }] });
    expect(await problems([{ check: listed }])).toEqual([
      expect.stringMatching(/^chain\/0\/options\/words: is missing/),
    ]);
    expect(await problems([{ check: listed, timeoutMs: 0 }])).toEqual([
      expect.stringContaining('chain/0/timeoutMs: must be >= 1'),
    ]);
  });

  test('may stand in the chain as a value', async () => {
    const length = defineCheck({ name: 'length', run: ({ word }) => word.length < 3 });
    const chain = await createChain(['palindrome', length, (word) => word !== 'ab'], deps);
    expect(chain.stages).toEqual(['palindrome', 'length', 'check']);
    expect(chain.run(input('ab'), [])).toMatchObject({
      results: [{ answer: false }, { answer: true }, { answer: false }],
    });
    expect(await problems([{ check: length, name: 'NO' }])).toEqual([
      expect.stringContaining('chain/0/name'),
    ]);
    expect(await problems([{ run: 7 }])).toEqual([
      'chain/0: its default export must have one function, `run` or `runMany`',
    ]);
  });
});
