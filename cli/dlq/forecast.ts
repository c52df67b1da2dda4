import { ServiceError } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { createChain } from '@verdikt/processor/checks/chain.ts';
import type { OwnChainSpec } from '@verdikt/processor/checks/stages.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import type { WhatIfConfig } from './config.ts';
import type { Ask, Forecast } from './what-if.ts';

/** They look at the word alone: no service, no code of others. */
const PURE = ['palindrome', 'wordlist'];

const typeOf = (spec: OwnChainSpec): string =>
  typeof spec === 'string' ? spec : 'module' in spec ? 'module' : (Object.keys(spec)[0] ?? '');

/** As it is named in results; of a module without a name, its path. */
const nameOf = (spec: OwnChainSpec): string => {
  if (typeof spec === 'string') return spec;
  const options = ('module' in spec ? spec : Object.values(spec)[0]) as { name?: string; module?: string };
  return options?.name ?? options?.module ?? typeOf(spec);
};

export interface Forecaster {
  readonly ask: Ask;
  /** Names of the checks that are run, in order. */
  readonly checks: readonly string[];
  /** The first check that is not run; undefined: all are. */
  readonly notRun: string | undefined;
  close(): Promise<void>;
}

interface ForecastDeps {
  readonly registry: SchemaRegistry;
  readonly wordsTopic: string;
  readonly clock: Clock;
  readonly readFile: ReadFile;
  /** Also run checks that ask services, and modules. */
  readonly all: boolean;
}

/**
 * Today's chain as a forecaster: each letter as the first attempt after one more redrive. Without `all` it stops before the first check
 * that asks a service or is a module. Rejects CONFIG_INVALID as `createChain`.
 */
export const createForecaster = async (config: WhatIfConfig, d: ForecastDeps): Promise<Forecaster> => {
  const specs: readonly OwnChainSpec[] = config.chain;
  const first = d.all ? -1 : specs.findIndex((spec) => !PURE.includes(typeOf(spec)));
  const run = first < 0 ? specs : specs.slice(0, first);
  const deps = { readFile: d.readFile, clock: d.clock, log: silentLog, proxies: config };
  // A chain of no checks is none.
  const chain = run.length === 0 ? undefined : await createChain(run, deps);
  const codec = createSubmissionCodec(d.registry, { clock: d.clock, wordsTopic: d.wordsTopic });
  const barred = specs[first];
  const notRun = barred && nameOf(barred);
  const unknown = (reason: string, stage: string, detail: string): Forecast => ({
    ...{ outcome: 'unknown', reason, stage, detail },
  });

  const ask: Ask = async (record, letter) => {
    await codec.prepare([record]);
    const read = codec.decode(record);
    if (read.kind === 'unavailable') return unknown('schema-unavailable', '', read.detail);
    if (read.kind === 'poison')
      return { outcome: 'fail', reason: read.reason, stage: 'decode', detail: read.detail };
    const input = {
      ...{ word: read.word, id: letter.id ?? '', attempt: 1, redrive: letter.redrive + 1 },
      ...{ record, forecast: true },
    };
    const o = await (chain?.run(input, []) ?? { kind: 'done' as const, results: [] });
    if (o.kind === 'wait') return unknown(o.reason, o.stage, o.detail);
    if (o.kind !== 'done') return { outcome: 'fail', reason: o.reason, stage: o.stage, detail: o.detail };
    if (notRun !== undefined)
      return unknown('not-run', notRun, 'It asks a service or is a module: give --all-checks to run it.');
    return { outcome: 'pass', accepted: o.results.every((r) => r.answer) };
  };
  return { ask, checks: run.map(nameOf), notRun, close: async () => chain?.close() };
};

/** Without a registry no word can be read. Throws CONFIG_INVALID. */
export const neededRegistry = (registry: SchemaRegistry | undefined): SchemaRegistry => {
  if (registry !== undefined) return registry;
  throw new ServiceError(
    'CONFIG_INVALID',
    'schemaRegistryUrl: is missing. Remedy: set SCHEMA_REGISTRY_URL or give --schema-registry-url, so that words can be read.',
    { field: 'schemaRegistryUrl' },
  );
};
