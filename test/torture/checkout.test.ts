import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { applyEdit, editCheckout } from './checkout.ts';

const edit = (find: string, replace = 'x') => ({ file: 'a.ts', find, replace });

describe('an edit', () => {
  test('replaces what is there once, and nothing else', () => {
    expect(applyEdit('one two three', edit('two', '$& 2'))).toBe('one $& 2 three');
  });

  test.each([
    ['is not there', 'one', 'two', 'found 0 times'],
    ['is there twice', 'one one', 'one', 'found 2 times'],
    ['is empty', 'ab', '', 'instead of once'],
  ])('throws when the text %s', (_, text, find, message) => {
    expect(() => applyEdit(text, edit(find))).toThrow(message);
  });
});

describe('editCheckout', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verdikt-edit-'));
    await writeFile(join(folder, 'a.ts'), 'one two');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('carries out all edits in their order', async () => {
    await editCheckout(folder, [edit('one', 'two'), edit('two two', 'three')]);
    expect(await readFile(join(folder, 'a.ts'), 'utf8')).toBe('three');
  });

  test('rejects when one of them finds nothing', async () => {
    await expect(editCheckout(folder, [edit('none')])).rejects.toThrow('found 0 times');
  });
});
