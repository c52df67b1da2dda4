import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/**
 * What is fetched once is kept here: in the checkout, where git ignores it, or, for an installed package, in the home of the user. It may
 * be deleted at any time when nothing runs.
 */
export const cacheDir = import.meta.dirname.includes('node_modules')
  ? join(homedir(), '.cache', 'verdikt')
  : join(import.meta.dirname, '..', '.cache');

/**
 * The folder `.cache/<name>`, made by `make` when it is not there. It appears whole or not at all: `make` fills a folder
 * beside it that is renamed at the end, so a killed run leaves nothing that a later one would trust. Two runs at once both
 * make it and the first wins.
 */
export const cachedFolder = async (
  name: string,
  make: (folder: string) => Promise<void>,
  root = cacheDir,
): Promise<string> => {
  const home = join(root, name);
  if (existsSync(home)) return home;
  await mkdir(dirname(home), { recursive: true });
  const fresh = await mkdtemp(join(dirname(home), `.new-${basename(home)}-`));
  try {
    await make(fresh);
    await rename(fresh, home).catch((e: unknown) => {
      if (!existsSync(home)) throw e;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return home;
};
