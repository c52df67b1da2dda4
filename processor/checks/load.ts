import { createRequire } from 'node:module';
import { basename, extname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Answer, CheckDefinition } from './define.ts';

/** The exports of a module. */
export type ImportModule = (specifier: string) => Promise<Readonly<Record<string, unknown>>>;

const isPath = (specifier: string): boolean => specifier.startsWith('.') || isAbsolute(specifier);

/** Paths are below `folder`; other names are packages that are installed there, or beside us. */
export const importFrom =
  (folder: string): ImportModule =>
  async (specifier) => {
    if (isPath(specifier))
      return (await import(pathToFileURL(resolve(folder, specifier)).href)) as Record<string, unknown>;
    let found = specifier;
    try {
      found = pathToFileURL(createRequire(join(folder, 'package.json')).resolve(specifier)).href;
    } catch {
      // Perhaps it can only be imported; then it must lie beside us.
    }
    return (await import(found)) as Record<string, unknown>;
  };

/** `./checks/Not_Rude.ts` is `not-rude`. */
export const nameOfModule = (specifier: string): string => {
  const name = basename(specifier, extname(specifier))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, 63) || 'module';
};

/** The check that a module exports by default: a definition, or a function of the word. Throws a plain Error that says what is wrong. */
export const definitionOf = (exports: Readonly<Record<string, unknown>>): CheckDefinition => {
  const { default: found } = exports;
  if (typeof found === 'function') {
    const f = found as (word: string, attempt: unknown) => Answer | Promise<Answer>;
    const run: NonNullable<CheckDefinition['run']> = (attempt) => f(attempt.word, attempt);
    // What runs asynchronously is known from its kind.
    return isAsync(f) ? { run: async (attempt) => await run(attempt, undefined) } : { run };
  }
  const given = found as Partial<CheckDefinition> | null | undefined;
  if (typeof given !== 'object' || given === null)
    throw new Error('it has no default export; export a function, or what defineCheck returns');
  const runs = [given.run, given.runMany].filter((f) => f !== undefined);
  if (runs.length !== 1 || typeof runs[0] !== 'function')
    throw new Error('its default export must have one function, `run` or `runMany`');
  for (const name of ['setup', 'close'] as const)
    if (given[name] !== undefined && typeof given[name] !== 'function')
      throw new Error(`\`${name}\` of its default export is no function`);
  return given as CheckDefinition;
};

export const isAsync = (f: unknown): boolean =>
  Object.prototype.toString.call(f) === '[object AsyncFunction]';
