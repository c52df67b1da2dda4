import { afterEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { createForecaster } from '@verdikt/processor/checks/forecast.ts';
import { defineCheck, pass, retry } from '@verdikt/processor/checks/define.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { closeEdges } from '@verdikt/test/support/producer/edge.ts';
import { auditsOf, openOperators, type Processors } from '@verdikt/test/support/producer/operators-bench.ts';
import { createForecasts } from '../../processor/forecasts.ts';
import { wordSubmittedType } from '../../schemas/avro.ts';
import { createSubmissionEncoder } from '../../schemas/encode.ts';

afterEach(closeEdges);

const ROUTE = '/v1/dead-letters/what-if';
const TOKEN = 'a-token-that-is-long';
const SYSTEM = 'words/verdikt';
const encode = createSubmissionEncoder(7);
const valueOf = (word: string): Buffer => Buffer.from(encode(word, 1_789_999_000_000));
/** Asks somebody about the word, who knows all but `gone`. */
const rules = defineCheck({
  name: 'rules',
  run: ({ word }) => (word === 'gone' ? retry('rules-503', 'it is away') : pass(true)),
});

/** A processor with the chain palindrome, rules, as its management port answers. */
const processorWith = (token: string | undefined, asked: string[] = []): Processors => {
  const registry = {
    byId: () => Promise.resolve({ kind: 'found', type: wordSubmittedType }),
    idOf: () => Promise.resolve(7),
  } as unknown as SchemaRegistry;
  const forecasts = createForecasts({
    ...{ system: SYSTEM, token },
    open: (all) =>
      createForecaster(
        {
          ...{ chain: ['palindrome', rules], proxies: {}, registry, wordsTopic: 'words' },
          ...{ clock: systemClock, readFile: () => '' },
        },
        all,
      ),
  });
  return {
    processors: ['http://p:9464'],
    ask: (url) => {
      asked.push(url);
      return Promise.resolve({
        ...{ version: '1', system: SYSTEM, at: 1, joined: true, grown: [] },
        tasks: [{ task: 0, phase: 'running' }],
      });
    },
    post: async (url, body, given) => {
      asked.push(url);
      const [status, answer] = forecasts.refuse(given) ?? (await forecasts.answer(JSON.parse(body)));
      return { status, body: JSON.parse(JSON.stringify(answer)) };
    },
  };
};

const filled = (
  processors: Processors,
  scopes: Parameters<typeof openOperators>[0] = ['operate', 'read:text'],
) => {
  const b = openOperators(scopes, 2, processors);
  b.letter({ id: uuid(1), key: 'a', origin: 4, value: valueOf('level') });
  b.letter({ id: uuid(2), key: 'b', origin: 5, value: valueOf('gone'), reason: 'rejected' });
  b.letter({ id: uuid(3), key: 'c', origin: 6, partition: 1, value: valueOf('verdict') });
  return b;
};

describe(`POST ${ROUTE}`, () => {
  test('tells what the chain of a processor would make of them, and writes and notes nothing', async () => {
    const b = filled({ ...processorWith(TOKEN), forecastToken: TOKEN });
    const sizes = (): number[] => [...b.memory.topics.values()].flatMap((p) => p.map((log) => log.length));
    const before = sizes();
    const r = await b.post(ROUTE, { all: true, allChecks: true });
    expect([r.statusCode, r.json()]).toEqual([
      200,
      {
        summary:
          'Forecast for 3 dead letters: 2 would pass, 1 would fail again, 0 followers freed. Nothing was written.',
        counts: { selected: 3, pass: 2, fail: 1, unknown: 0, followersFreed: 0 },
        ...{ checks: ['palindrome', 'rules'], notRun: null, more: 0 },
        letters: [
          { partition: 0, offset: 0, id: uuid(1), key: 'a', followers: 0, outcome: 'pass', accepted: true },
          {
            ...{ partition: 0, offset: 1, id: uuid(2), key: 'b', followers: 0, outcome: 'fail' },
            ...{ reason: 'rules-503', stage: 'rules', detail: 'it is away' },
          },
          { partition: 1, offset: 0, id: uuid(3), key: 'c', followers: 0, outcome: 'pass', accepted: false },
        ],
        cli: 'verdikt dlq what-if --all-checks',
      },
    ]);
    expect([sizes(), auditsOf(b)]).toEqual([before, []]);
  });

  test('checks that ask services run only when asked for, and of some letters only', async () => {
    const b = filled(processorWith(undefined));
    const r = await b.post(ROUTE, { filter: { reasons: ['http-503'] }, max: 1 });
    expect(r.json()).toMatchObject({
      counts: { selected: 1, unknown: 1 },
      ...{ checks: ['palindrome'], notRun: 'rules', more: 1 },
      letters: [{ key: 'a', outcome: 'unknown', reason: 'not-run' }],
      cli: 'verdikt dlq what-if --reason http-503 --max 1',
    });
  });

  test('without the right to text, keys are hidden', async () => {
    const r = await filled(processorWith(undefined), ['operate']).post(ROUTE, { ids: [uuid(1)] });
    expect(r.json()).toMatchObject({ letters: [{ id: uuid(1), key: '***' }] });
  });

  test('where there is no letter, no processor makes a forecast', async () => {
    const asked: string[] = [];
    const r = await filled(processorWith(undefined, asked)).post(ROUTE, { ids: [uuid(9)] });
    expect(r.json()).toMatchObject({
      summary: 'There is no dead letter that a redrive would take.',
      ...{ checks: [], letters: [] },
    });
    expect(asked).toEqual(['http://p:9464/status']);
  });

  test.each<[string, Processors, string]>([
    ['there is none', {}, 'the group has no members'],
    [
      'none can be reached',
      { processors: ['http://p:1'], ask: () => Promise.reject(new Error('ECONNREFUSED')) },
      'http://p:1: not reachable: ECONNREFUSED',
    ],
    [
      'the token is another',
      { ...processorWith(TOKEN), forecastToken: `${TOKEN}x` },
      'http://p:9464: the forecastToken is not that of this processor',
    ],
    [
      'it has no token',
      { ...processorWith(undefined), forecastToken: TOKEN },
      'http://p:9464: checks that ask services need a forecastToken here and where it is asked',
    ],
  ])('when %s, it says so', async (_, processors, why) => {
    const r = await filled(processors).post(ROUTE, { all: true, allChecks: true });
    expect([r.statusCode, r.headers['retry-after'], r.json()]).toMatchObject([
      ...[503, '5'],
      { code: 'PROCESSORS_AWAY', detail: `No processor makes a forecast: ${why}.` },
    ]);
  });

  test('one is made at a time, and the next one after it', async () => {
    const p = processorWith(undefined);
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    let begun = (): void => undefined;
    const asked = new Promise<void>((resolve) => (begun = resolve));
    const b = filled({
      ...p,
      post: async (...question) => {
        begun();
        await gate;
        return (p.post as NonNullable<typeof p.post>)(...question);
      },
    });
    const first = b.post(ROUTE, { all: true });
    await asked;
    const second = await b.post(ROUTE, { all: true });
    expect([second.statusCode, second.json().code]).toEqual([503, 'OPERATORS_AWAY']);
    open();
    expect((await first).statusCode).toBe(200);
    expect((await b.post(ROUTE, { all: true })).statusCode).toBe(200);
  });

  test('what was not asked about in time counts as more', async () => {
    const p = processorWith(undefined);
    const b = openOperators(['operate'], 2, {
      ...p,
      post: (...question) => {
        b.later(31_000);
        return (p.post as NonNullable<typeof p.post>)(...question);
      },
    });
    for (let i = 0; i < 25; i++) b.letter({ id: uuid(i), key: 'k', origin: i, value: valueOf('level') });
    const r = await b.post(ROUTE, { all: true });
    expect(r.json()).toMatchObject({ counts: { selected: 20 }, more: 5 });
  });

  test('when none was asked about in time, it does not say that there is none', async () => {
    const p = processorWith(undefined);
    const b = filled({
      ...p,
      ask: (...place) => {
        b.later(31_000);
        return (p.ask as NonNullable<typeof p.ask>)(...place);
      },
    });
    expect((await b.post(ROUTE, { all: true })).json()).toMatchObject({
      summary: 'No forecast was made in time for 3 dead letters. Nothing was written.',
      ...{ counts: { selected: 0 }, letters: [], more: 3 },
    });
  });

  test('names a property that it does not know, cut where it is long', async () => {
    const b = filled(processorWith(undefined));
    for (const [payload, field] of [
      [{ all: true, dryRun: true }, 'dryRun'],
      [{ filter: { reason: 'a' } }, 'filter.reason'],
      [{ all: true, ['x'.repeat(65)]: 1 }, 'x'.repeat(64)],
    ] as const)
      expect((await b.post(ROUTE, payload)).json()).toMatchObject({ field, detail: 'Unknown property.' });
  });

  test.each<[unknown, string]>([
    [{}, 'filter'],
    [{ filter: {} }, 'filter'],
    [{ all: true, ids: ['a'] }, 'all'],
    [{ all: true, max: 1_001 }, 'max'],
    [{ all: true, dryRun: true }, 'dryRun'],
    [{ all: true, allChecks: 1 }, 'allChecks'],
    ['{', 'body'],
  ])('refuses %j by the name of what is wrong', async (payload, field) => {
    const r = await filled(processorWith(undefined)).post(ROUTE, payload as object | string);
    expect([r.statusCode, r.json().field]).toEqual([400, field]);
  });
});
