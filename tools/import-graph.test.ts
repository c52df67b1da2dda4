import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cyclesIn, gathered, importsOf, packageOf, readImports } from './import-graph.ts';

const files = readImports(join(import.meta.dirname, '..'));

test('no files import each other in a circle', () => {
  expect(files.size).toBeGreaterThan(500);
  expect(cyclesIn(files)).toEqual([]);
});

test('no packages import each other in a circle', () => {
  expect(cyclesIn(gathered(files, packageOf))).toEqual([]);
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
