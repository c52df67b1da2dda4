import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { generate } from './generate.ts';
import { generators } from './generators.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'generate-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const list = [
  { path: 'a.txt', text: () => 'A\n' },
  { path: 'b.txt', text: () => Promise.resolve('B\n') },
];

test('every generated file of the repository is up to date', async () => {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  expect(await generate(generators, root, false)).toEqual([]);
});

test('checking reports missing and changed files and writes nothing', async () => {
  writeFileSync(join(dir, 'a.txt'), 'old\n');
  expect(await generate(list, dir, false)).toEqual(['a.txt', 'b.txt']);
  expect(readFileSync(join(dir, 'a.txt'), 'utf8')).toBe('old\n');
});

test('writing brings all up to date', async () => {
  expect(await generate(list, dir, true)).toEqual(['a.txt', 'b.txt']);
  expect(await generate(list, dir, false)).toEqual([]);
  writeFileSync(join(dir, 'b.txt'), 'B');
  expect(await generate(list, dir, false)).toEqual(['b.txt']);
});
