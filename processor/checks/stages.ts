import type { TObject } from 'typebox';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { nearest, type Problem } from '@verdikt/core/config/problems.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import { readOptions } from '@verdikt/core/config/options.ts';
import type { Check } from '@verdikt/core/ports/chain.ts';
import type { Answer, Attempt, CheckDefinition } from './define.ts';
import type { CheckObserver } from './guard.ts';
import { readCa } from './ca-file.ts';
import { createHttpCheck } from './http.ts';
import { isPublic, literalOf } from './http-address.ts';
import { fetchTransport, proxyOf, socketTransport, type Proxies } from './http-transport.ts';
import { definitionOf, importFrom, nameOfModule, type ImportModule } from './load.ts';
import { createModuleCheck } from './module.ts';
import { createPalindromeCheck } from './palindrome.ts';
import { checkOptions, moduleOptions, STAGE_NAME, type ChainSpec, type ModuleOptions } from './schema.ts';
import { createWordlistCheck, parseWordList } from './wordlist.ts';

export interface StageDeps {
  /** Text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly clock: Clock;
  /** For `http` checks, in place of connections of their own. */
  readonly fetch?: typeof globalThis.fetch;
  /** For `http` checks. @default none */
  readonly proxies?: Proxies;
  /** @default Node's, from the working directory */
  readonly importModule?: ImportModule;
  /** See GuardDeps. */
  readonly attempts?: number;
  readonly observer?: CheckObserver;
  /** For checks of your own. @default none */
  readonly log?: Log;
}

const guardDeps = ({ clock, attempts, observer }: StageDeps) => ({ clock, attempts, observer });

/** A check that is known to be right, but not begun. */
export interface Stage {
  readonly name: string;
  begin(): Check | Promise<Check>;
}

/** A check as a value: what `defineCheck` returns, or a function of the word. */
export type OwnCheck = ((word: string, attempt: Attempt) => Answer | Promise<Answer>) | AnyDefinition;

/** A check as a value with its options, its name and its limits, as they stand beside `module` in a configuration. */
export interface ConfiguredCheck extends Partial<Omit<ModuleOptions, 'module'>> {
  readonly check: OwnCheck;
}

/** As a configuration has it, or a check itself. */
export type OwnChainSpec = ChainSpec | OwnCheck | ConfiguredCheck;

/** A definition, whatever its options and its resource are. */
type AnyDefinition = Pick<CheckDefinition, 'name' | 'options'> & {
  readonly setup?: (options: never, tools: { readonly log: Log }) => unknown;
  readonly close?: (resource: never) => void | Promise<void>;
} & (
    | {
        readonly run: (attempt: Attempt, resource: never) => Answer | Promise<Answer>;
        readonly runMany?: undefined;
      }
    | {
        readonly run?: undefined;
        readonly runMany: (
          attempts: readonly Attempt[],
          resource: never,
        ) => readonly Answer[] | Promise<readonly Answer[]>;
      }
  );

type Build = (
  options: unknown,
  at: string,
  problems: Problem[],
  deps: StageDeps,
) => Stage | undefined | Promise<Stage | undefined>;

const TYPES = Object.keys(checkOptions);

/** For messages. */
export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const stageOf = (check: Check): Stage => ({ name: check.name, begin: () => check });

const palindrome: Build = (given, at, problems) => {
  const o = readOptions(checkOptions.palindrome, given, at, problems);
  return o && stageOf(createPalindromeCheck(o));
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
      problems.push({
        field: `${at}/file`,
        problem: `cannot be read: ${textOf(error)}`,
        remedy: 'check path and permissions',
      });
      return undefined;
    }
  }
  return stageOf(createWordlistCheck(o, words));
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
  const literal = literalOf(url.hostname);
  if (o.publicAddressesOnly && literal !== undefined && !isPublic(literal)) {
    const problem = `names ${literal}, which is not a public address`;
    problems.push({ field: `${at}/url`, problem, remedy: 'name another host, or drop publicAddressesOnly' });
    return undefined;
  }
  const { fetch, proxies = {}, readFile } = deps;
  let ca: string | undefined;
  try {
    ca = o.caFile === undefined ? undefined : readCa(o.caFile, readFile);
  } catch (error) {
    const remedy = 'name a readable PEM file of CA certificates';
    problems.push({ field: `${at}/caFile`, problem: `cannot be used: ${textOf(error)}`, remedy });
    return undefined;
  }
  const proxy = proxyOf(o, proxies);
  if (proxy === null) {
    const problem = 'goes through a proxy whose address is not a URL';
    const remedy = 'set httpProxy or httpsProxy to http://host:port, or list the host in noProxy';
    problems.push({ field: `${at}/url`, problem, remedy });
    return undefined;
  }
  const open = () =>
    fetch === undefined
      ? socketTransport(o, { ca, proxy, noProxy: proxies.noProxy })
      : fetchTransport(o.url, fetch);
  return {
    name: o.name,
    begin: () => createHttpCheck(o, { ...guardDeps(deps), log: deps.log, transport: open() }),
  };
};

/** What the check allows, checked; undefined where there are problems. */
const ownOptions = (
  { options }: CheckDefinition,
  given: unknown,
  at: string,
  problems: Problem[],
): object | undefined => {
  const schema = options ?? ({ type: 'object', properties: {} } as unknown as TObject);
  try {
    return readOptions({ additionalProperties: false, ...schema }, given ?? {}, at, problems);
  } catch (error) {
    const remedy = 'correct the schema in the module';
    problems.push({ field: at, problem: `the schema of the check is wrong: ${textOf(error)}`, remedy });
    return undefined;
  }
};

/** `o.module` names it in messages. */
const ownStage = (
  definition: CheckDefinition,
  o: ModuleOptions,
  at: string,
  problems: Problem[],
  deps: StageDeps,
): Stage | undefined => {
  const name = o.name ?? definition.name ?? nameOfModule(o.module);
  if (!new RegExp(STAGE_NAME).test(name)) {
    const problem = `${o.module} names itself ${JSON.stringify(name)}`;
    problems.push({ field: at, problem, remedy: `a name must match ${STAGE_NAME}` });
    return undefined;
  }
  const options = ownOptions(definition, o.options, `${at.replace(/\/module$/, '')}/options`, problems);
  if (options === undefined) return undefined;
  const own = (deps.log ?? silentLog).child({ check: name });
  return {
    name,
    begin: async () => {
      const resource: unknown = await definition.setup?.(options as Record<string, unknown>, { log: own });
      return createModuleCheck(definition, resource, { ...o, name }, { ...guardDeps(deps), log: own });
    },
  };
};

const module: Build = async (given, at, problems, deps) => {
  const o = readOptions(moduleOptions, given, at, problems);
  if (o === undefined) return undefined;
  const { importModule = importFrom(process.cwd()) } = deps;
  let definition: CheckDefinition;
  try {
    definition = definitionOf(await importModule(o.module));
  } catch (error) {
    problems.push({
      field: `${at}/module`,
      problem: `${o.module} cannot be used: ${textOf(error)}`,
      remedy: 'check the path and the default export; Node must be able to run the file as it is',
    });
    return undefined;
  }
  return ownStage(definition, o, `${at}/module`, problems, deps);
};

/** A check that stands in the chain as it is; `settings` as beside a module. */
const inline = (
  given: unknown,
  settings: object,
  at: string,
  problems: Problem[],
  deps: StageDeps,
): Stage | undefined => {
  const o = readOptions(moduleOptions, { ...settings, module: 'check' }, at, problems);
  try {
    return o && ownStage(definitionOf({ default: given }), o, at, problems, deps);
  } catch (error) {
    problems.push({ field: at, problem: textOf(error), remedy: 'give what defineCheck returns' });
    return undefined;
  }
};

const BUILDERS: Readonly<Record<string, Build>> = { palindrome, wordlist, http };

/** The stage of a chain that a spec describes; undefined where `problems` say why there is none. */
export const stageFrom: Build = (spec, at, problems, deps) => {
  if (typeof spec === 'function') return inline(spec, {}, at, problems, deps);
  if (typeof spec === 'object' && spec !== null) {
    if ('module' in spec) return module(spec, at, problems, deps);
    if ('run' in spec || 'runMany' in spec) return inline(spec, {}, at, problems, deps);
    if ('check' in spec) {
      const { check, ...settings } = spec;
      return inline(check, settings, at, problems, deps);
    }
  }
  const named = typeof spec === 'string';
  const keys = named ? [spec] : typeof spec === 'object' && spec !== null ? Object.keys(spec) : [];
  if (keys.length !== 1) {
    const remedy = `give a name, an object with one of ${TYPES.join(', ')} and its options, or a module`;
    problems.push({ field: at, problem: 'must name exactly one check', remedy });
    return undefined;
  }
  const [type = ''] = keys;
  const build = Object.hasOwn(BUILDERS, type) ? BUILDERS[type] : undefined;
  if (build === undefined) {
    problems.push({ field: `${at}/${type}`, problem: 'is not a check', remedy: nearest(type, TYPES) });
    return undefined;
  }
  const options = named ? {} : (spec as Record<string, unknown>)[type];
  return build(options, `${at}/${type}`, problems, deps);
};
