import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedFolder } from './cache.ts';

let root: string;
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'verdikt-cache-'))));
afterEach(() => rm(root, { recursive: true }));

test('a folder that could not be made whole is not there at all', async () => {
  const made = cachedFolder(
    'a/b',
    async (f) => writeFile(join(f, 'half'), '').then(() => Promise.reject(new Error('no'))),
    root,
  );
  await expect(made).rejects.toThrow('no');
  expect(await readdir(join(root, 'a'))).toEqual([]);
});

test('it is made once, and of two at once one wins', async () => {
  let makes = 0;
  const make = async (f: string): Promise<void> => writeFile(join(f, 'n'), String(++makes));
  const both = await Promise.all([cachedFolder('a', make, root), cachedFolder('a', make, root)]);
  expect(both).toEqual([join(root, 'a'), join(root, 'a')]);
  const before = makes;
  await cachedFolder('a', make, root);
  expect(makes).toBe(before);
  expect(await readdir(root)).toEqual(['a']);
});
