import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cyclesIn, gathered, importsOf, packageOf, readImports } from './import-graph.ts';

const root = join(import.meta.dirname, '..');
const files = readImports(root);
const manifest = <T>(path: string): T =>
  JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as T;

const EXPORTED = /^export (?:abstract |async )?(?:const|class|function\*?|interface|type) ([\w$]+)/gm;

test('no files import each other in a circle', () => {
  expect(files.size).toBeGreaterThan(500);
  expect(cyclesIn(files)).toEqual([]);
});

test('no packages import each other in a circle', () => {
  expect(cyclesIn(gathered(files, packageOf))).toEqual([]);
});

test('what a file exports, another one names', () => {
  const inFiles = new Map<string, number>();
  const exported: [file: string, name: string][] = [];
  for (const file of files.keys()) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const word of new Set(text.match(/[\w$]+/g))) inFiles.set(word, (inFiles.get(word) ?? 0) + 1);
    if (['schemas/types.ts', 'client/api-types.ts'].includes(file)) continue;
    for (const [, name = ''] of text.matchAll(EXPORTED)) exported.push([file, name]);
  }
  expect(exported.length).toBeGreaterThan(1_000);
  expect(exported.filter(([, name]) => inFiles.get(name) === 1)).toEqual([]);
});

describe('the exports of a package', () => {
  /** They are there for tests; of the others, tests reach what they need by path. */
  const forTests = ['local', 'testing'];
  const { workspaces } = manifest<{ workspaces: string[] }>('.');
  const usedOf = (name: string): string[] => {
    const users = [...files].filter(([file]) =>
      forTests.includes(name)
        ? !file.startsWith(`${name}/`)
        : ![name, 'bench', 'test', undefined].includes(packageOf(file)),
    );
    return [...new Set(users.flatMap(([, targets]) => targets))].filter((t) => t.startsWith(`${name}/`));
  };
  test.each(workspaces.filter((name) => name !== 'test'))('%s: what others import, and no more', (name) => {
    const used = usedOf(name).map((path) => path.replace(`${name}/`, './'));
    const { exports } = manifest<{ exports: Record<string, string> }>(name);
    expect(exports).toEqual(Object.fromEntries(used.map((path) => [path, path])));
  });
});

describe('the graph', () => {
  test('knows every way to import a file', () => {
    const text = `import a from './a.ts';\nexport * from '../b.ts';\nimport('@verdikt/core/c.ts');\nimport type { D } from "fs";`;
    expect(importsOf('x/y.ts', text)).toEqual(['x/a.ts', 'b.ts', 'core/c.ts']);
  });

  test('has a cycle where two lead to each other, through a third, or a file to itself', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', ['a']],
      ['d', ['e']],
      ['e', []],
      ['f', ['f']],
    ]);
    expect(cyclesIn(graph)).toEqual([['a', 'b', 'c'], ['f']]);
  });

  test('gathers files by name and forgets what is within one', () => {
    const graph = new Map([
      ['a/1.ts', ['a/2.ts', 'b/1.ts']],
      ['a/2.ts', []],
      ['b/1.test.ts', ['a/1.ts']],
    ]);
    expect([...gathered(graph, packageOf)]).toEqual([['a', ['b']]]);
  });
});
