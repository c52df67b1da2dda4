import type { Clock } from '@verdikt/core/ports/clock.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import type { Forecast, ForecastLetter } from '@verdikt/core/service/forecast.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { createChain } from './chain.ts';
import type { Proxies } from './http-transport.ts';
import type { OwnChainSpec, StageDeps } from './stages.ts';

/** They look at the word alone: no service, no code of others. */
const PURE = ['palindrome', 'wordlist'];

/** One that the configuration names; `''` for one that stands in the chain as it is. */
const typeOf = (spec: OwnChainSpec): string => {
  if (typeof spec === 'string') return spec;
  const [key = '', ...others] = typeof spec === 'function' ? [] : Object.keys(spec);
  return others.length === 0 ? key : '';
};

/** As it is named in results, as far as that is known without its code; of a module without a name, its path. */
const nameOf = (spec: OwnChainSpec): string => {
  if (typeof spec === 'string') return spec;
  const type = typeOf(spec);
  const settings: unknown = PURE.concat('http').includes(type) ? Object.values(spec)[0] : spec;
  const { name, module, check } = (settings ?? {}) as { name?: string; module?: string; check?: object };
  const inner = (check as { name?: string } | undefined)?.name;
  return [name, module, inner, type].find((text) => text !== undefined && text !== '') ?? 'a check';
};

export interface Forecaster {
  /** One forecast for each letter, in order. Never rejects. */
  ask(letters: readonly ForecastLetter[]): Promise<readonly Forecast[]>;
  /** Names of the checks that are run, in order. */
  readonly checks: readonly string[];
  /** The first check that is not run; undefined: all are. */
  readonly notRun: string | undefined;
  close(): Promise<void>;
}

interface ForecasterDeps extends Pick<StageDeps, 'readFile'> {
  readonly chain: readonly OwnChainSpec[];
  readonly proxies: Proxies;
  readonly registry: SchemaRegistry;
  readonly wordsTopic: string;
  readonly clock: Clock;
}

const unknown = (reason: string, stage: string, detail: string): Forecast => ({
  ...{ outcome: 'unknown', reason, stage, detail },
});

/**
 * Today's chain as a forecaster, with circuits and connections of its own: each letter as the first attempt after one more redrive.
 * Without `all` it stops before the first check that asks a service or is a module. Rejects CONFIG_INVALID as `createChain`.
 */
export const createForecaster = async (d: ForecasterDeps, all: boolean): Promise<Forecaster> => {
  const specs = d.chain;
  const first = all ? -1 : specs.findIndex((spec) => !PURE.includes(typeOf(spec)));
  const run = first < 0 ? specs : specs.slice(0, first);
  const deps = { readFile: d.readFile, clock: d.clock, log: silentLog, proxies: d.proxies };
  // A chain of no checks is none.
  const chain = run.length === 0 ? undefined : await createChain(run, deps);
  const codec = createSubmissionCodec(d.registry, { clock: d.clock, wordsTopic: d.wordsTopic });
  const barred = specs[first];
  const notRun = barred && nameOf(barred);

  const one = async ({ record, id = '', redrive }: ForecastLetter): Promise<Forecast> => {
    await codec.prepare([record]);
    const read = codec.decode(record);
    if (read.kind === 'unavailable') return unknown('schema-unavailable', '', read.detail);
    if (read.kind === 'poison')
      return { outcome: 'fail', reason: read.reason, stage: 'decode', detail: read.detail };
    const input = { word: read.word, id, attempt: 1, redrive: redrive + 1, record, forecast: true };
    const o = await (chain?.run(input, []) ?? { kind: 'done' as const, results: [] });
    if (o.kind === 'wait') return unknown(o.reason, o.stage, o.detail);
    if (o.kind !== 'done') return { outcome: 'fail', reason: o.reason, stage: o.stage, detail: o.detail };
    if (notRun !== undefined)
      return unknown('not-run', notRun, 'It asks a service or is a module, and runs only if all checks do.');
    return { outcome: 'pass', accepted: o.results.every((r) => r.answer) };
  };
  return {
    ask: (letters) => Promise.all(letters.map(one)),
    ...{ checks: chain?.stages ?? [], notRun, close: async () => chain?.close() },
  };
};
