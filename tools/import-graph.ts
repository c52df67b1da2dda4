// `npm run imports`: which package imports which, how often, and what goes in circles. Exit code 1 when a file is part of a cycle.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './import-rules.mjs';

/** File → the files of ours that it imports, all as paths from the root. */
type Imports = ReadonlyMap<string, readonly string[]>;

const SPECIFIER = /\b(?:from|import)\s*\(?\s*(['"])([^'"]+)\1/g;

/** Paths that the specifiers in `text` lead to, types included; others' packages are left out. */
export const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(SPECIFIER)].flatMap(([, , specifier = '']) => pathOf(file, specifier) ?? []);

/** Groups of nodes each of which leads to all others of its group: Tarjan, SIAM J. Comput. 1 (1972). */
export const cyclesIn = (graph: Imports): string[][] => {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const visit = (node: string): number => {
    const own = index.size;
    let lowest = own;
    index.set(node, own);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? own);
    }
    low.set(node, lowest);
    if (lowest === own) {
      const group = stack.splice(stack.indexOf(node));
      if (group.length > 1 || graph.get(node)?.includes(node)) cycles.push(group.sort());
    }
    return lowest;
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return cycles;
};

/** The same graph with files gathered under `nameOf`; undefined leaves a file out. */
export const gathered = (graph: Imports, nameOf: (file: string) => string | undefined): Imports => {
  const out = new Map<string, string[]>();
  for (const [file, targets] of graph) {
    const from = nameOf(file);
    if (from === undefined) continue;
    const list = out.get(from) ?? [];
    out.set(from, list);
    for (const to of targets.map(nameOf)) if (to !== undefined && to !== from) list.push(to);
  }
  return out;
};

/** Of all tracked files under `root`. */
export const readImports = (root: string): Imports => {
  const listed = execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' });
  const files = listed.split('\n').filter((f) => f !== '');
  return new Map(files.map((f) => [f, importsOf(f, readFileSync(join(root, f), 'utf8'))]));
};

const isTest = (file: string): boolean => /\.(test|fixture)\.ts$/.test(file);
/** Its package; tests are left out, since they may reach across. */
export const packageOf = (file: string): string | undefined =>
  isTest(file) || !file.includes('/') ? undefined : file.split('/')[0];

const print = (root: string): void => {
  const files = readImports(root);
  const packages = gathered(files, packageOf);
  for (const [from, targets] of [...packages].sort()) {
    const counts = Map.groupBy(targets, (t) => t);
    const text = [...counts].sort().map(([to, all]) => `${to} ${all.length}`);
    console.log(`${from.padEnd(10)} → ${text.join(', ') || 'nothing'}`);
  }
  const edges = [...packages.values()].reduce((n, targets) => n + new Set(targets).size, 0);
  const circles = cyclesIn(packages);
  const cycles = cyclesIn(files);
  console.log(`${packages.size} packages, ${edges} edges, ${circles.length} cycles of packages`);
  for (const c of circles) console.log(`  ${c.join(', ')}`);
  console.log(`${files.size} files, ${cycles.length} cycles of files`);
  for (const c of cycles) console.log(`  ${c.join(', ')}`);
  if (cycles.length + circles.length > 0) process.exitCode = 1;
};

// Not import.meta.main: node24.mjs imports this file where Node is new enough.
if (process.argv[1] === import.meta.filename) print(join(import.meta.dirname, '..'));
