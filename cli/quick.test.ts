import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { usageText } from './docs.ts';
import { quickAnswer } from './quick.ts';
import type { Usage } from './shell/usage.ts';

const usages = JSON.parse(usageText()) as Usage[];
const quick = (line: string): string | undefined =>
  quickAnswer(line.split(' ').filter(Boolean), usages, '1.2.3');
const helpOf = (path: string): string | undefined => usages.find((u) => u.path === path)?.help;

test.each(usages.map((u) => u.path))('help of "%s" ends with an example that begins with it', (path) => {
  const help = quick(`${path} --help`);
  expect(help).toContain(`Usage: verdikt ${path}`);
  expect(help).toMatch(new RegExp(`\nExamples?:\n  verdikt ${path}.*`));
  expect(quick(`help ${path}`)).toBe(help);
  expect(quick(`${path} -h`)).toBe(help);
});

test.each([
  ['dlq redrive --reason x --help', 'dlq redrive'],
  ['dlq show 3:1 --help', 'dlq show'],
  ['--help', ''],
])('`%s` is the help of "%s"', (line, path) => {
  expect(quick(line)).toBe(helpOf(path));
});

test('the version is told at once', () => {
  expect([quick('--version'), quick('-V')]).toEqual(['1.2.3\n', '1.2.3\n']);
});

test.each([
  '',
  'status',
  'nonsense --help',
  'dlq nonsense --help',
  'tail -- --help',
  'completion csh',
  'help nonsense',
])('`%s` is left to the commands', (line) => {
  expect(quick(line)).toBeUndefined();
});

describe('what is loaded before a command is known', () => {
  /** Files that are imported as code, by path from here. */
  const loaded = (file: string, seen = new Set<string>()): Set<string> => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    for (const [, from] of text.matchAll(/^import (?!type ).*?from '([^']+)';/gms)) {
      const name = from.startsWith('.') ? join(dirname(file), from) : from;
      if (seen.has(name)) continue;
      seen.add(name);
      if (from.startsWith('.')) loaded(name, seen);
    }
    return seen;
  };

  test('is little, so that help comes at once', () => {
    expect([...loaded('main.ts')].sort()).toEqual([
      '@verdikt/core/record/safe-text.ts',
      '@verdikt/core/service/version.ts',
      'node:fs',
      'node:util',
      'quick.ts',
      'shell/completion.ts',
    ]);
  });
});
