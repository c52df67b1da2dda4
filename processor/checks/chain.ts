import type { Clock } from '@verdikt/core/clock.ts';
import { nearest, type Problem } from '@verdikt/core/config-problems.ts';
import { optionsInvalid, readOptions } from '@verdikt/core/options.ts';
import type { Chain, Check } from './check.ts';
import { createHttpCheck, type CheckObserver } from './http.ts';
import { createPalindromeCheck } from './palindrome.ts';
import { chainOf } from './run-chain.ts';
import { checkOptions, type ChainSpec } from './schema.ts';
import { createWordlistCheck, parseWordList } from './wordlist.ts';

export interface ChainDeps {
  /** Text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly clock: Clock;
  /** @default the built-in one */
  readonly fetch?: typeof globalThis.fetch;
  readonly observer?: CheckObserver;
}

type Build = (options: unknown, at: string, problems: Problem[], deps: ChainDeps) => Check | undefined;

const TYPES = Object.keys(checkOptions);

const palindrome: Build = (given, at, problems) => {
  const o = readOptions(checkOptions.palindrome, given, at, problems);
  return o && createPalindromeCheck(o);
};

const wordlist: Build = (given, at, problems, { readFile }) => {
  const o = readOptions(checkOptions.wordlist, given, at, problems);
  if (o === undefined) return undefined;
  if (o.file === undefined && o.words === undefined) {
    problems.push({ field: at, problem: 'has no words', remedy: 'give it a file or words' });
    return undefined;
  }
  const words = [...(o.words ?? [])];
  if (o.file !== undefined) {
    try {
      for (const w of parseWordList(readFile(o.file))) words.push(w);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      problems.push({
        field: `${at}/file`,
        problem: `cannot be read: ${why}`,
        remedy: 'check path and permissions',
      });
      return undefined;
    }
  }
  return createWordlistCheck(o, words);
};

const http: Build = (given, at, problems, deps) => {
  const o = readOptions(checkOptions.http, given, at, problems);
  if (o === undefined) return undefined;
  const url = URL.parse(o.url);
  if (url === null || url.username !== '' || url.password !== '') {
    const problem = url === null ? 'is no URL' : 'must not hold credentials';
    problems.push({ field: `${at}/url`, problem, remedy: 'give it as http(s)://host[:port]/path' });
    return undefined;
  }
  const { clock, observer, fetch = globalThis.fetch } = deps;
  return createHttpCheck(o, { clock, fetch, observer });
};

const BUILDERS: Readonly<Record<string, Build>> = { palindrome, wordlist, http };

const build = (spec: unknown, at: string, problems: Problem[], deps: ChainDeps): Check | undefined => {
  const named = typeof spec === 'string';
  const keys = named ? [spec] : typeof spec === 'object' && spec !== null ? Object.keys(spec) : [];
  if (keys.length !== 1) {
    const remedy = `give a name, or an object with one of ${TYPES.join(', ')} and its options`;
    problems.push({ field: at, problem: 'must name exactly one check', remedy });
    return undefined;
  }
  const [type] = keys;
  if (!Object.hasOwn(BUILDERS, type)) {
    problems.push({ field: `${at}/${type}`, problem: 'is not a check', remedy: nearest(type, TYPES) });
    return undefined;
  }
  return BUILDERS[type](
    named ? {} : (spec as Record<string, unknown>)[type],
    `${at}/${type}`,
    problems,
    deps,
  );
};

/**
 * The chain that a configuration describes; `specs` need not be validated. Files are read here, once; nothing is called yet.
 * Throws CONFIG_INVALID with all problems and their places (`chain/1/http/url`): unknown checks, wrong options, names that
 * occur twice, files that cannot be read.
 */
export const createChain = (specs: readonly ChainSpec[], deps: ChainDeps): Chain => {
  const problems: Problem[] = [];
  const checks: Check[] = [];
  if (!Array.isArray(specs) || specs.length === 0)
    problems.push({
      field: 'chain',
      problem: 'must list at least one check',
      remedy: 'for example ["palindrome"]',
    });
  else
    specs.forEach((spec: unknown, i) => {
      const check = build(spec, `chain/${i}`, problems, deps);
      if (check === undefined) return;
      if (checks.some((c) => c.name === check.name)) {
        const problem = `the name ${check.name} is taken`;
        problems.push({
          field: `chain/${i}`,
          problem,
          remedy: 'give each stage a name of its own in its options',
        });
      }
      checks.push(check);
    });
  if (problems.length > 0) throw optionsInvalid(problems);
  return chainOf(checks);
};
