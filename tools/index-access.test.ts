import { expect, test } from '@jest/globals';
import { judge } from './index-access.ts';

const said = (...files: string[]): string =>
  files
    .map((f) => `${f}(3,7): error TS2532: Object is possibly 'undefined'.\n  Type 'x' is not y(1,2): error\n`)
    .join('');

test('an index is checked everywhere but in the folders and files of the list, and in tests', () => {
  const output = said(
    'a/b.ts',
    'a/c/d.ts',
    'a/b.test.ts',
    'a/b.fixture.ts',
    'e/f.ts',
    'e/f.ts.ts',
    'ab/c.ts',
  );
  expect(judge(output, ['a/c/', 'e/f.ts'])).toEqual({
    errors: ['a/b.ts', 'e/f.ts.ts', 'ab/c.ts'].map((f) => said(f).split('\n')[0]),
    needless: [],
  });
});

test('what is on the list for nothing is told', () => {
  expect(judge(said('a/b.ts', 'c/d.ts'), ['a/', 'c/d.ts', 'c/', 'e/'])).toEqual({
    errors: [],
    needless: ['c/', 'e/'],
  });
  expect(judge('', [])).toEqual({ errors: [], needless: [] });
});
