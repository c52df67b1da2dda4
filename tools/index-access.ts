// The second half of `npm run typecheck`: an element taken by its index may be missing (`noUncheckedIndexedAccess`), and code must say
// what it does then, except where that would say nothing.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Files, and folders with a slash at the end, in which an element counts as there, and why. */
const UNCHECKED: Readonly<Record<string, string>> = {
  'bench/': 'measures; what is missing shows in its figures',
  'cli/audit/': 'arithmetic over columns of numbers',
  'core/hash/': 'arithmetic over bytes and typed arrays',
  'core/record/': 'arithmetic over bytes',
  'engine/policy/identity.ts': 'arithmetic over hashes of four words',
  'engine/restore/rebuild.ts': 'arithmetic over columns of numbers',
  'engine/state/': 'arithmetic over columns of numbers',
  'kafka/consume/log-reader.ts': 'walks sorted offsets',
  'kafka/produce/sink-buffer.ts': 'arithmetic over columns of a queue',
  'kafka/wire/': 'arithmetic over bytes',
  'operate/dlq/selection.ts': 'arithmetic over columns of numbers',
  'schemas/varint.ts': 'arithmetic over bytes',
  'test/': 'a test fails where something is missing',
};

const isTest = (file: string): boolean => /\.(test|fixture)\.ts$/.test(file);

/** What the compiler said that concerns checked files, and entries of UNCHECKED that need not be there. */
export const judge = (
  said: string,
  unchecked: readonly string[],
): { errors: string[]; needless: string[] } => {
  const needed = new Set<string>();
  const errors: string[] = [];
  for (const line of said.split('\n')) {
    const file = /^(.+?)\(\d+,\d+\): error /.exec(line)?.[1];
    if (file === undefined) continue;
    const entry = unchecked.find((u) => (u.endsWith('/') ? file.startsWith(u) : file === u));
    if (entry !== undefined) needed.add(entry);
    else if (!isTest(file)) errors.push(line);
  }
  return { errors, needless: unchecked.filter((u) => !needed.has(u)) };
};

const main = (): number => {
  const root = join(import.meta.dirname, '..');
  const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  const options = ['--noEmit', '--noUncheckedIndexedAccess', '--pretty', 'false'];
  const { status, stdout, error } = spawnSync(process.execPath, [tsc, ...options], {
    ...{ cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  });
  if (error !== undefined) throw error;
  const { errors, needless } = judge(stdout, Object.keys(UNCHECKED));
  for (const line of errors) process.stderr.write(`${line}\n`);
  for (const u of needless)
    process.stderr.write(
      `tools/index-access.ts: ${u} has nothing to leave unchecked; take it off the list\n`,
    );
  // The list is not empty, so neither is what the compiler says.
  if (status === 0 || status === null) process.stderr.write(`the compiler ended with ${status}\n`);
  return errors.length + needless.length === 0 && status !== null && status !== 0 ? 0 : 1;
};

// Not import.meta.main: node24.mjs imports this file where Node is new enough.
if (process.argv[1] === import.meta.filename) process.exitCode = main();
