import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import LongestFirst, { LONG } from './longest-first.mjs';

const root = join(import.meta.dirname, '..');
const context = {
  config: { rootDir: root, cache: false },
  hasteFS: { getSize: (path: string) => statSync(path).size },
};
const order = (paths: readonly string[]): string[] => {
  const tests = paths.map((path) => ({ path: join(root, path), context }));
  const sorted = new LongestFirst({}).sort(tests) as typeof tests;
  return sorted.map((t) => t.path.slice(root.length + 1));
};

test('all files are there', () => expect(LONG.filter((path) => !existsSync(join(root, path)))).toEqual([]));

test('without times of an earlier run long ones come first, then large ones', () => {
  const [large, small] = ['cli/audit/run.test.ts', 'core/back-off.test.ts'];
  expect(order([small, LONG[3], large, LONG[0]])).toEqual([LONG[0], LONG[3], large, small]);
});
