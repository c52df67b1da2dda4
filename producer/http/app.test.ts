import { afterEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { closeEdges, openEdge as open } from '@verdikt/test/support/producer/edge.ts';

afterEach(closeEdges);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PROBLEM = 'application/problem+json; charset=utf-8';

describe('POST /v1/words', () => {
  test('answers 202 with the id under which the word was stored', async () => {
    const { post, sink } = open();
    const r = await post('/v1/words', { word: 'level', key: 'k' });
    expect(r.statusCode).toBe(202);
    expect(r.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(r.json()).toEqual({ id: expect.stringMatching(UUID) });
    expect(sink.stored).toHaveLength(1);
    expect(sink.stored[0].record).toMatchObject({ key: Buffer.from('k'), value: Buffer.from('level') });
    expect(sink.stored[0].record.headers[0]).toEqual(['id', r.json().id]);
  });

  test('answers only after the sink has', async () => {
    const { post, sink } = open();
    sink.hold = true;
    const appended = sink.appended();
    let answered = false;
    const answer = post('/v1/words', { word: 'level' }).then((r) => {
      answered = true;
      return r;
    });
    await appended;
    for (let i = 0; i < 20; i++) await turn();
    expect(answered).toBe(false);
    sink.release();
    expect((await answer).statusCode).toBe(202);
  });

  test.each([
    ['APPEND_UNCONFIRMED', 503, '1'],
    ['BROKER_UNAVAILABLE', 503, '5'],
    ['ACCESS_DENIED', 503, '5'],
    ['STOPPING', 503, '1'],
    ['RECORD_TOO_LARGE', 413, undefined],
  ] as const)('%s of the sink is %d', async (code, status, retryAfter) => {
    const { post, sink, words } = open();
    sink.result = () => ({ ok: false, code });
    const r = await post('/v1/words', { word: 'level' });
    expect(r.statusCode).toBe(status);
    expect(r.headers['content-type']).toBe(PROBLEM);
    expect(r.headers['retry-after']).toBe(retryAfter);
    expect(r.json()).toMatchObject({
      code,
      status,
      id: expect.stringMatching(UUID),
      detail: expect.any(String),
    });
    expect(words()).toEqual([]);
  });

  test('a full buffer is 503 with Retry-After', async () => {
    const { post, sink } = open();
    sink.full = true;
    const r = await post('/v1/words', { word: 'level' });
    expect([r.statusCode, r.headers['retry-after'], r.json().code]).toEqual([503, '1', 'BUFFER_FULL']);
  });

  test('a sink that fails is an unknown outcome, and is logged', async () => {
    const errors: string[] = [];
    const log = {
      debug() {},
      info() {},
      warn() {},
      error: (_: object, m: string) => errors.push(m),
      child: () => log,
    };
    const { post, sink } = open({ log });
    sink.append = () => Promise.reject(new Error('broken'));
    const r = await post('/v1/words', { word: 'level' });
    expect([r.statusCode, r.json().code]).toEqual([503, 'APPEND_UNCONFIRMED']);
    sink.append = () => {
      throw new Error('broken');
    };
    const again = await post('/v1/words', { word: 'level' });
    expect([again.statusCode, again.json().code]).toEqual([500, 'INTERNAL']);
    expect(errors).toHaveLength(2);
    expect(again.body).not.toContain('broken');
  });

  test('the same Idempotency-Key gives the same id', async () => {
    const { post } = open();
    const send = async (key: string) =>
      (await post('/v1/words', { word: 'level' }, { 'idempotency-key': key })).json().id;
    expect(await send('a')).toBe(await send('a'));
    expect(await send('a')).not.toBe(await send('b'));
  });

  test.each([
    ['an empty body', '', 'body'],
    ['a word missing', '{}', 'word'],
    ['an unknown property', '{"word":"a","id":"b"}', 'id'],
    ['a batch', '[{"word":"a"}]', 'body'],
  ])('400 for %s', async (_, body, field) => {
    const { post, sink } = open();
    const r = await post('/v1/words', body);
    expect(r.statusCode).toBe(400);
    expect(r.headers['content-type']).toBe(PROBLEM);
    expect(r.json()).toEqual({
      title: 'Bad Request',
      status: 400,
      code: 'INPUT_INVALID',
      field,
      detail: expect.any(String),
    });
    expect(sink.appends).toEqual([]);
  });

  test.each([
    ['application/json; charset=utf-8', 202],
    ['application/json;charset="UTF-8"', 202],
    ['Application/JSON', 202],
    ['application/json; version=1', 202],
    ['application/json;', 202],
    ['application/json ; ; charset="UTF-8"; q="a;charset=latin1"', 202],
    ['Application/JSON;version=1;charset=utf-8', 202],
    ['application/json; version', 415],
    ['application/json; charset="latin1"', 415],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-8; charset=utf-16', 415],
    ['application/json, text/plain', 415],
    ['application/jsonx', 415],
    ['application/ld+json', 415],
    ['text/plain', 415],
    ['text/json', 415],
    ['application/x-www-form-urlencoded', 415],
    ['json', 415],
    ['', 415],
  ])('content type %j is %d', async (type, status) => {
    const { post, sink } = open();
    const r = await post('/v1/words', '{"word":"level"}', { 'content-type': type });
    expect(r.statusCode).toBe(status);
    expect(sink.appends).toHaveLength(status === 202 ? 1 : 0);
    if (status === 415)
      expect(r.json()).toMatchObject({ code: 'INPUT_INVALID', field: 'content-type', status: 415 });
  });

  test('no content type is 415, content encoding too', async () => {
    const { app, post } = open();
    expect((await app.inject({ method: 'POST', url: '/v1/words' })).statusCode).toBe(415);
    const same = await post('/v1/words', '{"word":"level"}', { 'content-encoding': 'Identity' });
    expect(same.statusCode).toBe(202);
    const r = await post('/v1/words', '{"word":"level"}', { 'content-encoding': 'gzip' });
    expect([r.statusCode, r.json().field]).toEqual([415, 'content-encoding']);
  });
});

describe('bearer tokens', () => {
  const sha256 = createHash('sha256').update('secret').digest('hex').toUpperCase();
  const tokens = [
    { principal: 'other', sha256: 'ab'.repeat(32) },
    { principal: 'shop', sha256 },
  ];

  test.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['Bearer ', 401],
    ['Basic secret', 401],
    ['secret', 401],
    [`Bearer ${sha256}`, 401],
    ['Bearer secret', 202],
    ['bearer secret', 202],
  ])('authorization %j is %d', async (authorization, status) => {
    const { post, sink } = open({ tokens });
    for (const [url, body] of [
      ['/v1/words', { word: 'a' }],
      ['/v1/words:batch', [{ word: 'a' }]],
    ] as const) {
      const r = await post(url, body, authorization === undefined ? {} : { authorization });
      expect(r.statusCode).toBe(status);
      if (status === 401) {
        expect(r.headers['www-authenticate']).toBe('Bearer');
        expect(r.json()).toMatchObject({ code: 'UNAUTHENTICATED', field: 'authorization' });
      }
    }
    expect(sink.appends).toHaveLength(status === 202 ? 2 : 0);
  });

  test('the principal is part of the id, so that one client cannot silence another', async () => {
    const send = async (edge: ReturnType<typeof open>, headers: Record<string, string>) =>
      (await edge.post('/v1/words', { word: 'a' }, { 'idempotency-key': 'k', ...headers })).json().id;
    expect(await send(open({ tokens }), { authorization: 'Bearer secret' })).not.toBe(await send(open(), {}));
  });
});

describe('a stop', () => {
  test('answers what was taken and closes the connection; what comes later is 503', async () => {
    const { post, sink, app } = open();
    sink.hold = true;
    const appended = sink.appended();
    const first = post('/v1/words', { word: 'a' });
    await appended;
    const closed = app.close();
    await turn();
    sink.release();
    const r = await first;
    expect([r.statusCode, r.headers.connection]).toEqual([202, 'close']);
    await closed;
  });
});

describe('everything else', () => {
  test.each([
    ['GET', '/v1/words', 405, 'method', 'POST'],
    ['PUT', '/v1/words:batch', 405, 'method', 'POST'],
    ['DELETE', '/v1/words?x=1', 405, 'method', 'POST'],
    ['GET', '/', 404, 'path', undefined],
    ['POST', '/v1/words/', 404, 'path', undefined],
    ['POST', '/v1/wordsx', 404, 'path', undefined],
    ['POST', '/V1/words', 404, 'path', undefined],
    ['GET', '/metrics', 404, 'path', undefined],
    ['GET', '/%zz', 400, 'path', undefined],
  ] as const)('%s %s is %d', async (method, url, status, field, allow) => {
    const { app } = open();
    const r = await app.inject({ method, url });
    expect([r.statusCode, r.headers['content-type'], r.headers.allow]).toEqual([status, PROBLEM, allow]);
    expect(r.json()).toMatchObject({ status, code: 'INPUT_INVALID', field });
  });

  test('the server has a limit for everything that a client can draw out', async () => {
    const { app } = open();
    await app.ready();
    const { server } = app;
    expect(server.headersTimeout).toBe(10_000);
    expect(server.requestTimeout).toBe(3_600_000);
    expect(server.keepAliveTimeout).toBe(5_000);
    expect(server.maxConnections).toBe(1000);
  });

  test('what is counted adds up', async () => {
    const { post, sink, registry } = open();
    await post('/v1/words', { word: 'a' });
    await post('/v1/words', { word: '' });
    await post('/v1/words:batch', [{ word: 'a' }, { word: '' }, { word: 'b' }]);
    sink.full = true;
    await post('/v1/words:batch', [{ word: 'a' }, { word: 'b' }]);
    const value = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values ?? [];
    const counts = async (name: string) =>
      Object.fromEntries((await value(name)).map((v) => [Object.values(v.labels).join(' '), v.value]));
    expect(await counts('verdikt_edge_requests_total')).toEqual({
      'words 202': 1,
      'words 400': 1,
      'batch 207': 1,
      'batch 503': 1,
    });
    expect(await counts('verdikt_edge_submissions_accepted_total')).toEqual({ '': 3 });
    expect(await counts('verdikt_edge_submissions_refused_total')).toEqual({
      INPUT_INVALID: 2,
      BUFFER_FULL: 2,
    });
  });
});
