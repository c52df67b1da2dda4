import { expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { wordSubmittedType } from '../../schemas/avro.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';
import { createForecaster, type Forecaster } from './forecast.ts';
import { defineCheck, pass } from './define.ts';
import type { OwnChainSpec } from './stages.ts';

const registry = {
  byId: () => Promise.resolve({ kind: 'found', type: wordSubmittedType }),
  idOf: () => Promise.resolve(7),
} as unknown as SchemaRegistry;
const value = Buffer.from(createSubmissionEncoder(7)('level', 1));
const record = makeRecord({ offset: 1, timestamp: 1, key: null, value, headers: [] });

const open = (chain: readonly OwnChainSpec[], all: boolean): Promise<Forecaster> =>
  createForecaster(
    {
      ...{ chain, proxies: {}, registry, wordsTopic: 'words', clock: systemClock },
      readFile: () => '',
    },
    all,
  );
const one = async (f: Forecaster): Promise<unknown> => (await f.ask([{ record, id: 'i', redrive: 3 }]))[0];

test('a check that stands in the chain as it is runs only when all do, and is told', async () => {
  const seen: unknown[] = [];
  const own = defineCheck({
    name: 'own',
    run: ({ forecast, redrive, attempt }) => {
      seen.push([forecast, redrive, attempt]);
      return pass(false);
    },
  });
  const some = await open(['palindrome', own], false);
  expect([some.checks, some.notRun]).toEqual([['palindrome'], 'own']);
  expect(await one(some)).toMatchObject({ outcome: 'unknown', reason: 'not-run', stage: 'own' });
  expect(seen).toEqual([]);
  const all = await open(['palindrome', own], true);
  expect([all.checks, all.notRun]).toEqual([['palindrome', 'own'], undefined]);
  expect(await one(all)).toEqual({ outcome: 'pass', accepted: false });
  expect(seen).toEqual([[true, 4, 1]]);
});

test.each<[OwnChainSpec, string]>([
  [{ http: { url: 'http://rules/' } } as OwnChainSpec, 'http'],
  [{ http: { url: 'http://rules/', name: 'rules' } } as OwnChainSpec, 'rules'],
  [{ module: './lookup.ts', timeoutMs: 5 } as OwnChainSpec, './lookup.ts'],
  [
    {
      check: function lookup() {
        return true;
      },
    } as OwnChainSpec,
    'lookup',
  ],
  [() => true, 'a check'],
])('what is not run is named: %j', async (spec, name) => {
  expect((await open([spec], false)).notRun).toBe(name);
});
