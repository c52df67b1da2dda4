import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const here = join(import.meta.dirname, '../..');

/** One change of source text; `find` must be there exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Throws unless `find` is there exactly once, so that a change of the source cannot make an edit do nothing, or too much. */
export const applyEdit = (text: string, { file, find, replace }: Edit): string => {
  const parts = text.split(find);
  if (find === '' || parts.length !== 2)
    throw new Error(`${file}: found ${parts.length - 1} times instead of once: ${find}`);
  return parts.join(replace);
};

/** Carries out all edits in a copied checkout, in their order. */
export const editCheckout = async (folder: string, edits: readonly Edit[]): Promise<void> => {
  for (const edit of edits) {
    const path = join(folder, edit.file);
    await writeFile(path, applyEdit(await readFile(path, 'utf8'), edit));
  }
};

/** Dependencies are shared, our own packages are those of the checkout. */
const linkModules = async (folder: string): Promise<void> => {
  const from = join(here, 'node_modules');
  const to = join(folder, 'node_modules');
  await mkdir(join(to, '@verdikt'), { recursive: true });
  for (const name of await readdir(from))
    if (name !== '@verdikt') await symlink(await realpath(join(from, name)), join(to, name));
  for (const name of await readdir(join(from, '@verdikt')))
    await symlink(join('..', '..', name), join(to, '@verdikt', name));
};

/** A copy of the tracked files of this checkout. Delete it with `removeCheckout`. */
export const copyCheckout = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-checkout-'));
  const { stdout } = await run('git', ['ls-files', '-z'], { cwd: here, maxBuffer: 16 * 1_048_576 });
  const files = stdout.split('\0').filter((f) => /\.(ts|mjs|json|avsc)$/.test(f));
  for (const folderOf of new Set(files.map(dirname)))
    await mkdir(join(folder, folderOf), { recursive: true });
  // A file that is tracked but was just moved away is none that a service needs.
  await Promise.all(files.map((f) => cp(join(here, f), join(folder, f)).catch(() => undefined)));
  await linkModules(folder);
  return folder;
};

/** A commit of this repository, ready to run with the dependencies of today. */
export const commitCheckout = async (commit: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-checkout-'));
  await run('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', commit, folder], { cwd: here });
  await linkModules(folder);
  return folder;
};

/** The newest commit that is a release, else the parent of the newest; undefined where there is no history. */
export const earlierCommit = async (): Promise<string | undefined> => {
  const git = async (...args: string[]): Promise<string | undefined> =>
    run('git', args, { cwd: here }).then(
      ({ stdout }) => stdout.trim() || undefined,
      () => undefined,
    );
  return (
    (await git('describe', '--tags', '--abbrev=0', '--match', 'v*')) ??
    (await git('rev-parse', '--verify', '-q', 'HEAD~1'))
  );
};

export const removeCheckout = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });
