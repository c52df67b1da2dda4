// `npm run generate` writes all generated files; `npm run generate -- --check` fails when one of them is out of date.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generators, type Generator } from './generators.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Paths whose content differs from what their generator says; with `write`, they are brought up to date. */
export async function generate(list: readonly Generator[], dir: string, write: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const { path, text } of list) {
    const wanted = await text();
    if (wanted === current(join(dir, path))) continue;
    stale.push(path);
    if (!write) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), wanted);
  }
  return stale;
}

function current(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

// Not import.meta.main: node24.mjs imports this file where Node is new enough.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const stale = await generate(generators, root, !check);
  for (const path of stale) console.log(`${check ? 'out of date' : 'written'}: ${path}`);
  if (check && stale.length > 0) {
    console.error('Run `npm run generate` and commit the result.');
    process.exitCode = 1;
  }
}
