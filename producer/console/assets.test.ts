import { expect, test } from '@jest/globals';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { consoleAssets, MODULES, rewriteImports } from './assets.ts';

const assets = consoleAssets().map(({ path, type, content }) => ({ path, type, ...content() }));
const byPath = new Map(assets.map((a) => [a.path, a]));

test('serves every module of the page, and none of its tests', () => {
  const there = globSync('**/*.ts', { cwd: join(import.meta.dirname, 'page') })
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => name.replaceAll('\\', '/'));
  expect([...MODULES].sort()).toEqual(there.sort());
});

test('every import leads to a file that is served, and no type is left', () => {
  const imports = assets
    .filter((a) => a.type.startsWith('text/javascript'))
    .flatMap(({ path, body }) =>
      [...body.matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g)].map(
        ([, to]) => new URL(to, `http://edge${path}`).pathname,
      ),
    );
  expect(imports.length).toBeGreaterThan(50);
  expect(imports.filter((path) => !byPath.has(path))).toEqual([]);
  for (const { path, body } of assets.filter((a) => a.path.endsWith('.ts')))
    expect([path, /^\s*(interface|import type|export type)\b/m.test(body)]).toEqual([path, false]);
});

test('there is no code and no style in the page itself', () => {
  const html = byPath.get('/console')?.body ?? '';
  expect(html).toContain('src="/console/main.ts"');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=/);
});

test('only imports from outside the page are rewritten', () => {
  const code = `import { h } from 'preact';\nimport{x}from"preact/hooks";import './a.ts';import { c } from '@verdikt/client/call.ts';\nimport o from './operations.js';\nconst from = 'other';`;
  expect(rewriteImports(code)).toBe(
    `import { h } from '/console/lib/preact.js';\nimport{x}from"/console/lib/preact-hooks.js";import './a.ts';import { c } from '/console/lib/client-call.js';\nimport o from '/console/lib/client-operations.js';\nconst from = 'other';`,
  );
});

test('is small: what a browser loads has less than 160 kB before compression', () => {
  expect(assets.reduce((n, a) => n + Buffer.byteLength(a.body), 0)).toBeLessThan(160_000);
});
