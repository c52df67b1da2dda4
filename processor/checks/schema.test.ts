import { expect, test } from '@jest/globals';
import { Type } from '@verdikt/core/config/fields.ts';
import { loadConfig } from '@verdikt/core/config/config.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { chainSchema } from './schema.ts';

const noFile = (): string => {
  throw new Error('no file');
};
const load = (chain?: unknown): unknown => {
  const env = chain === undefined ? {} : { VERDIKT_CHAIN: JSON.stringify(chain) };
  return loadConfig(Type.Object({ chain: chainSchema }), env, noFile).chain;
};
const refused = (chain: unknown): boolean => {
  try {
    load(chain);
    return false;
  } catch (e) {
    return isServiceError(e, 'CONFIG_INVALID');
  }
};

test('a configuration may leave the chain out', () => {
  expect(load()).toEqual(['palindrome']);
});

test.each([
  [['palindrome']],
  [[{ palindrome: {} }]],
  [[{ palindrome: { ignoreSpaces: true } }, { wordlist: { words: ['a'], mode: 'deny' } }]],
  [[{ http: { url: 'https://service/x', timeoutMs: 100, name: 'other' } }]],
])('takes %j as it is', (chain) => {
  expect(load(chain)).toEqual(chain);
});

test.each([
  [[]],
  [['http']],
  [[{}]],
  [[{ palindrome: {}, http: { url: 'http://x' } }]],
  [[{ http: {} }]],
  [[{ http: { url: 'ftp://x' } }]],
  [[{ palindrome: { name: 'No Name' } }]],
  [[{ wordlist: { mode: 'maybe' } }]],
  [Array(17).fill('palindrome')],
])('refuses %.60j', (chain) => {
  expect(refused(chain)).toBe(true);
});
