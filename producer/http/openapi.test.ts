import { afterAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { later } from '@verdikt/test/support/producer/viewers.ts';
import { changesOf, createJourney } from '@verdikt/test/support/producer/journey.ts';
import { ROLES } from '../view/freshness.ts';
import { openSqliteStore } from '../view/sqlite-store.ts';
import { createView } from '../view/view.ts';
import { openApiText } from './openapi.ts';
import { uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { createEdge } from '@verdikt/test/support/producer/edge.ts';
import { operatorsBench } from '@verdikt/test/support/producer/operators-bench.ts';

interface Operation {
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}
const document = JSON.parse(await openApiText()) as {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
};
const edge = createEdge();
afterAll(() => edge.app.close());

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, 'api');

/** Whether the document allows this answer; else why not. */
const conforms = (
  path: string,
  status: number,
  contentType: string,
  body: unknown,
  method = 'post',
): true | string => {
  const response = document.paths[path][method].responses[status];
  if (response === undefined) return `${status} is not documented`;
  const type = contentType.split(';')[0];
  if (response.content[type] === undefined) return `${status} as ${type} is not documented`;
  const pointer = `api#/paths/${path.replaceAll('/', '~1')}/${method}/responses/${status}/content/${type.replaceAll('/', '~1')}/schema`;
  const check = ajv.getSchema(pointer);
  if (check === undefined) return `no schema at ${pointer}`;
  return check(body) === true || JSON.stringify(check.errors);
};

test('the committed document is that of the routes', async () => {
  expect(readFileSync(new URL('../openapi.json', import.meta.url), 'utf8')).toBe(await openApiText());
});

test('names all paths, and OpenAPI 3.1', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths)).toEqual([
    ...['/v1/words', '/v1/words:batch', '/v1/words/{id}', '/v1/keys/{key}', '/v1/keys', '/v1/summary'],
    ...['/v1/results/stream', '/v1/me'],
    ...['/v1/dead-letters', '/v1/dead-letters/groups', '/v1/dead-letters/{partition}/{offset}'],
    ...['/v1/dead-letters/redrive', '/v1/dead-letters/skip'],
    ...['/v1/dead-letters/what-if', '/v1/dead-letters/reset'],
    ...['/v1/operations/{operation}', '/v1/parked-keys', '/v1/tasks', '/v1/audit'],
  ]);
});

test('a wrong answer would be noticed', () => {
  expect(conforms('/v1/words', 202, 'application/json', { id: 'x' })).not.toBe(true);
  expect(conforms('/v1/words', 400, 'application/problem+json', { status: 400 })).not.toBe(true);
  expect(conforms('/v1/words', 418, 'application/json', {})).not.toBe(true);
});

test('what the edge always refuses is refused by the document, so that clients made from it need not ask', async () => {
  const body = ajv.getSchema('api#/components/schemas/Submission');
  const { parameters } = document.paths['/v1/words'].post as unknown as {
    parameters: { name: string; schema: object }[];
  };
  const idempotencyKey = ajv.compile(parameters.find((p) => p.name === 'idempotency-key')?.schema ?? {});
  const bad = [
    { word: '' },
    { word: 'a\u0000' },
    { word: 'a\nb' },
    { word: 'a'.repeat(1025) },
    { word: 'a', key: '\t' },
  ];
  for (const payload of [...bad, { word: 'a', key: 'k'.repeat(257) }]) {
    expect([payload, body?.(payload)]).toEqual([payload, false]);
    const r = await edge.app.inject({ method: 'POST', url: '/v1/words', payload });
    expect(r.statusCode).toBeGreaterThanOrEqual(400);
  }
  for (const payload of [{ word: 'a b' }, { word: '\u{1f600}', key: 'k' }])
    expect(body?.(payload)).toBe(true);
  // White space around the value of a header never arrives.
  for (const key of ['', ' ', ' a', 'a ', 'é', 'k'.repeat(256)])
    expect([key, idempotencyKey(key)]).toEqual([key, false]);
  for (const key of ['a', 'a b', '~!']) expect(idempotencyKey(key)).toBe(true);
});

const submission = fc.record(
  {
    word: fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.jsonValue()),
    key: fc.oneof(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const codes = [
  'APPEND_UNCONFIRMED',
  'BROKER_UNAVAILABLE',
  'RECORD_TOO_LARGE',
  'ACCESS_DENIED',
  'STOPPING',
] as const;

test('every answer to anything is as documented, and never a fault of ours', async () => {
  const json = fc.oneof(
    { weight: 3, arbitrary: submission },
    { weight: 3, arbitrary: fc.array(fc.oneof(submission, fc.jsonValue()), { maxLength: 4 }) },
    fc.jsonValue(),
  );
  const body = fc.oneof(
    { weight: 5, arbitrary: json.map((j) => JSON.stringify(j)) },
    fc.string(),
    fc.uint8Array().map((b) => Buffer.from(b)),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/v1/words', '/v1/words:batch'),
      body,
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('application/json') },
        fc.constantFrom('text/plain', 'application/json;x=1'),
      ),
      fc.option(fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.constant('k'))),
      fc.constantFrom(undefined, 'full' as const, ...codes),
      async (path, payload, contentType, idempotencyKey, fault) => {
        edge.sink.full = fault === 'full';
        edge.sink.result = () =>
          fault === undefined || fault === 'full' ? { ok: true, offset: 1 } : { ok: false, code: fault };
        const headers = {
          'content-type': contentType,
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
        };
        const r = await edge.app.inject({ method: 'POST', url: path, payload, headers });
        expect(conforms(path, r.statusCode, String(r.headers['content-type']), r.json())).toBe(true);
        expect(r.statusCode).not.toBe(500);
        if (r.statusCode < 300) expect(fault).toBeUndefined();
        if (r.statusCode === 503) expect(Number(r.headers['retry-after'])).toBeGreaterThan(0);
        if (r.statusCode >= 400) expect(r.json().status).toBe(r.statusCode);
      },
    ),
    { numRuns: 600 },
  );
});

test('what is told of a word is as documented, whatever became of it', async () => {
  const view = createView({
    ...{ store: openSqliteStore(':memory:'), topics: topicNames('', 'g'), partitions: edge.sink.partitions },
    ...{ clock: systemClock, appendMs: 0, later, maxWaiters: 1, live: () => undefined },
    bounds: { windowMs: 1e9, maxRows: 1e6, maxBytes: 1e9 },
  });
  for (const role of ROLES) for (let p = 0; p < edge.sink.partitions; p++) view.begin(role, p, 0);
  const j = createJourney();
  const words = ['judged', 'waiting', 'parked', 'behind', 'dead', 'plain'].map((id) =>
    j.word(id, id.slice(0, 1)),
  );
  const failed = { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'http_503' };
  j.entry(words[0], failed);
  j.verdict(words[0], 2, false);
  j.entry(words[1], failed);
  j.entry(words[2], { ...failed, parkedAt: 7, parkedFor: { kind: 'reject', error: 'e', stage: 's' } });
  j.dead(words[2], { disposition: 'parked' });
  j.operator(words[2], 'redrive');
  const follower = j.word('follower', 'w');
  j.entry(follower);
  j.dead(words[4]);
  for (const p of j.written) {
    const next = p.record.offset + 1;
    view.apply({ role: p.role, partition: 0, changes: changesOf([p]), next, lastAt: p.record.timestamp });
  }
  const reading = createEdge({ view: { ask: view.ask, listen: () => () => undefined } });
  const get = async (path: string, url: string): Promise<number> => {
    const r = await reading.app.inject({ method: 'GET', url });
    const conform = conforms(path, r.statusCode, String(r.headers['content-type']), r.json(), 'get');
    expect([url, conform]).toEqual([url, true]);
    return r.statusCode;
  };
  for (const id of ['judged', 'waiting', 'parked', 'behind', 'dead', 'plain', 'follower'])
    expect(await get('/v1/words/{id}', `/v1/words/${id}`)).toBe(200);
  expect(await get('/v1/words/{id}', '/v1/words/none?at=0.99')).toBe(200);
  expect(await get('/v1/words/{id}', '/v1/words/none?at=0.0')).toBe(404);
  expect(await get('/v1/words/{id}', '/v1/words/none')).toBe(503);
  const now = systemClock.now();
  for (const role of ROLES)
    for (let p = 0; p < edge.sink.partitions; p++) view.heard(role, p, { lag: 0, seenAt: now });
  expect(await get('/v1/summary', '/v1/summary')).toBe(200);
  for (const key of ['w', 'none']) expect(await get('/v1/keys/{key}', `/v1/keys/${key}`)).toBe(200);
  expect(await get('/v1/keys/{key}', `/v1/keys/w?asOf=${now}`)).toBe(200);
  expect(await get('/v1/keys/{key}', '/v1/keys/w?asOf=1')).toBe(404);
  expect(await get('/v1/keys', '/v1/keys?key=w')).toBe(200);
  // An answer with a state that is not documented would be noticed.
  const odd = { id: 'a', state: 'odd', reason: '' };
  expect(conforms('/v1/words/{id}', 200, 'application/json', odd, 'get')).not.toBe(true);
  await reading.app.close();
  view.close();
});

test('what operators are told is as documented', async () => {
  const operators = operatorsBench();
  const operating = createEdge({ operators });
  operators.bench.letter({ id: uuid(1), key: 'a', origin: 0, value: Buffer.from('{"word":"w"}') });
  operators.bench.letter({ id: uuid(2), key: 'b', origin: 1, parked: true });
  const told = async (
    method: 'GET' | 'POST',
    path: string,
    url = path,
    payload?: object,
  ): Promise<number> => {
    const r = await operating.app.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
    const type = String(r.headers['content-type']);
    const conform = conforms(path, r.statusCode, type, r.json(), method.toLowerCase());
    expect([url, conform]).toEqual([url, true]);
    return r.statusCode;
  };
  const place = '/v1/dead-letters/{partition}/{offset}';
  for (const path of [
    '/v1/me',
    '/v1/dead-letters',
    '/v1/dead-letters/groups',
    '/v1/parked-keys',
    '/v1/tasks',
  ])
    expect(await told('GET', path)).toBe(200);
  expect(await told('GET', place, '/v1/dead-letters/0/0')).toBe(200);
  expect(await told('GET', place, '/v1/dead-letters/0/9')).toBe(404);
  expect(await told('GET', '/v1/dead-letters', '/v1/dead-letters?limit=1&from=0.0')).toBe(200);
  for (const [n, action] of ['redrive', 'skip'].entries()) {
    const path = `/v1/dead-letters/${action}`;
    expect(await told('POST', path, path, { all: true, dryRun: true })).toBe(200);
    expect(await told('POST', path, path, { all: true, operation: uuid(7 + n) })).toBe(200);
    expect(await told('POST', path, path, {})).toBe(400);
  }
  expect(await told('GET', '/v1/operations/{operation}', `/v1/operations/${uuid(7)}`)).toBe(200);
  const reset = '/v1/dead-letters/reset';
  expect(await told('POST', reset, reset, { tasks: [0] })).toBe(200);
  expect(await told('GET', '/v1/audit')).toBe(200);
  await operating.app.close();
});
