import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { definitionOf, importFrom, nameOfModule } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'verdikt-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a module', () => {
  test('is a file below the folder, or by its full path', async () => {
    writeFileSync(join(folder, 'short.mjs'), 'export default (word) => word.length < 9;');
    const load = importFrom(folder);
    for (const path of ['./short.mjs', join(folder, 'short.mjs')])
      expect(definitionOf(await load(path)).run?.({ word: 'short' } as never, undefined)).toBe(true);
  });

  test('is an installed package by its name', async () => {
    expect(await importFrom(join(import.meta.dirname, '..', '..'))('avsc')).toHaveProperty('default');
  });

  test('that is not there is refused with its name', async () => {
    await expect(importFrom(folder)('./gone.mjs')).rejects.toThrow('gone.mjs');
    await expect(importFrom(folder)('no-such-package-at-all')).rejects.toThrow('no-such-package-at-all');
  });
});

describe('its default export', () => {
  test.each<[Record<string, unknown>, string]>([
    [{}, 'no default export'],
    [{ default: 7 }, 'no default export'],
    [{ default: null }, 'no default export'],
    [{ default: {} }, 'one function, `run` or `runMany`'],
    [{ default: { run: () => true, runMany: () => [true] } }, 'one function, `run` or `runMany`'],
    [{ default: { run: () => true, setup: 1 } }, '`setup` of its default export'],
    [{ default: { run: () => true, close: {} } }, '`close` of its default export'],
  ])('%j: %s', (exports, why) => expect(() => definitionOf(exports)).toThrow(why));

  test('is told the word, and the whole attempt beside it, where it is a function', () => {
    const given: unknown[] = [];
    const definition = definitionOf({ default: (...args: unknown[]) => given.push(...args) > 0 });
    const attempt = { word: 'w' } as never;
    expect(definition.run?.(attempt, undefined)).toBe(true);
    expect(given).toEqual(['w', attempt]);
  });
});

test.each([
  ['./checks/Not_Rude.ts', 'not-rude'],
  ['/a/b/profanity.mjs', 'profanity'],
  ['@team/checks', 'checks'],
  ['./….ts', 'module'],
  [`./${'x'.repeat(80)}.ts`, 'x'.repeat(63)],
])('the name of %s is %s', (specifier, name) => expect(nameOfModule(specifier)).toBe(name));
