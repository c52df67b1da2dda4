import { afterEach, describe, expect, test } from '@jest/globals';
import { SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { createHash } from 'node:crypto';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { createScriptedView, told } from '@verdikt/test/support/producer/scripted-view.ts';
import type { Answer } from '../view/question.ts';

afterEach(closeEdges);

const edgeWith = (answer: Answer, tokens = [] as { principal: string; sha256: string }[]) => {
  const view = createScriptedView(() => answer);
  const edge = openEdge({ view, tokens });
  const get = (url: string, headers: Record<string, string> = {}) =>
    edge.app.inject({ method: 'GET', url, headers });
  return { ...edge, view, get };
};
const ended = told({ ended: true, state: 'verdict', body: '{"id":"a","state":"verdict"}' });

describe('GET /v1/words/{id}', () => {
  test('answers what the view says, with its version', async () => {
    const { get, view } = edgeWith(told());
    const r = await get('/v1/words/a%20b?at=11.7&wait=2s', { 'if-none-match': '"other"' });
    expect([r.statusCode, r.body, r.headers.etag]).toEqual([200, '{"id":"a"}', 'W/"0.1.2"']);
    expect(r.headers['cache-control']).toBe('no-store');
    expect(view.asked).toEqual([
      {
        ...{ ask: 'word', id: 'a b', at: { partition: 11, offset: 7 }, viewer: SEES_ALL },
        wait: { ms: 2_000, differs: '"other"' },
      },
    ]);
  });

  test('304 while it is the version that the client has', async () => {
    const { get } = edgeWith(told());
    for (const tag of ['W/"0.1.2"', '"0.1.2"', '"x", W/"0.1.2"', '*']) {
      const r = await get('/v1/words/a', { 'if-none-match': tag });
      expect([r.statusCode, r.body, r.headers.etag]).toEqual([304, '', 'W/"0.1.2"']);
    }
    expect((await get('/v1/words/a', { 'if-none-match': '"0.1.3"' })).statusCode).toBe(200);
  });

  test('not seen yet, never accepted and behind are three answers, and say how fresh they are', async () => {
    const seen = await edgeWith({ is: 'not-seen', asOf: 7 }).get('/v1/words/a?at=0.9');
    expect([seen.statusCode, seen.json()]).toMatchObject([
      200,
      { id: 'a', state: 'accepted', seen: false, asOf: 7 },
    ]);
    const absent = await edgeWith({ is: 'absent', asOf: 7, past: false }).get('/v1/words/a?at=0.9');
    expect([absent.statusCode, absent.json()]).toMatchObject([404, { code: 'NOT_FOUND', asOf: 7 }]);
    const behind = await edgeWith({ is: 'behind', asOf: -1 }).get('/v1/words/a');
    expect([behind.statusCode, behind.json().code]).toEqual([503, 'VIEW_BEHIND']);
    expect(behind.headers['retry-after']).toBe('1');
    expect(behind.json()).not.toHaveProperty('asOf');
  });

  test.each(['at=1', 'at=12.0', 'at=a.b', 'at=1.2&at=1.3', 'wait=soon'])('?%s is refused', async (query) => {
    const r = await edgeWith(told()).get(`/v1/words/a?${query}`);
    expect([r.statusCode, r.json().field]).toEqual([400, query.split('=')[0]]);
  });

  test('without a view it says so; without a token it says nothing', async () => {
    const off = await openEdge().app.inject({ method: 'GET', url: '/v1/words/a' });
    expect([off.statusCode, off.json().code]).toEqual([501, 'VIEW_OFF']);
    const sha256 = createHash('sha256').update('secret').digest('hex');
    const { get, view } = edgeWith(told(), [{ principal: 'p', sha256 }]);
    for (const path of ['/v1/words/a', '/v1/keys/k', '/v1/results/stream'])
      expect((await get(path)).statusCode).toBe(401);
    expect(view.asked).toEqual([]);
    expect((await get('/v1/words/a', { authorization: 'Bearer secret' })).statusCode).toBe(200);
  });

  test('a view that fails is a fault of ours, and answered', async () => {
    const { get, view } = edgeWith(told());
    view.answer = () => Promise.reject(new Error('broken'));
    expect((await get('/v1/words/a')).statusCode).toBe(500);
  });
});

test('GET /v1/keys/{key} asks for a page', async () => {
  const { get, view } = edgeWith({ is: 'key', body: '{"key":"k"}' });
  const r = await get('/v1/keys/%C3%BC%2F?limit=3&below=17');
  expect([r.statusCode, r.body]).toEqual([200, '{"key":"k"}']);
  expect(view.asked).toEqual([{ ask: 'key', key: 'ü/', viewer: SEES_ALL, below: 17, limit: 3 }]);
  expect((await get(`/v1/keys/${'%C3%BC'.repeat(128)}`)).statusCode).toBe(200);
  for (const query of ['limit=0', 'limit=101', 'below=x'])
    expect((await get(`/v1/keys/k?${query}`)).statusCode).toBe(400);
});

describe('GET /v1/keys/{key}?asOf=', () => {
  test('asks for the key as of then', async () => {
    const { get, view } = edgeWith({ is: 'key', body: '{"key":"k"}' });
    const then = Date.now() - 1_000;
    expect((await get(`/v1/keys/k?asOf=${then}&limit=3`)).statusCode).toBe(200);
    expect(view.asked).toEqual([{ ask: 'key', key: 'k', viewer: SEES_ALL, limit: 3, then }]);
  });

  test('what is no time, or comes later, is refused by the name of the field', async () => {
    const { get, view } = edgeWith({ is: 'key', body: '{"key":"k"}' });
    const later = Date.now() + 60_000;
    const wrong = ['soon', '-1', '1.5', '', '9'.repeat(17), '1&asOf=2', String(later)];
    for (const asOf of wrong) {
      const r = await get(`/v1/keys/k?asOf=${asOf}`);
      expect([r.statusCode, r.json()]).toMatchObject([400, { code: 'INPUT_INVALID', field: 'asOf' }]);
    }
    expect(view.asked).toEqual([]);
    expect((await get(`/v1/keys/k?asOf=${later - 61_000}`)).statusCode).toBe(200);
  });

  test('before what is known: 404 that says from when on it is', async () => {
    const { get } = edgeWith({ is: 'too-early', since: Date.UTC(2026, 10, 29, 10, 42) });
    const r = await get('/v1/keys/k?asOf=1');
    expect([r.statusCode, r.json()]).toMatchObject([
      404,
      { code: 'NOT_FOUND', field: 'asOf', since: Date.UTC(2026, 10, 29, 10, 42) },
    ]);
    expect(r.json().detail).toBe('The view knows nothing of this key before 2026-11-29T10:42:00.000Z.');
  });

  test('what was not read yet: 503 with how far it was', async () => {
    const { get } = edgeWith({ is: 'behind', asOf: 7 });
    const r = await get('/v1/keys/k?asOf=9');
    expect([r.statusCode, r.json()]).toMatchObject([503, { code: 'VIEW_BEHIND', asOf: 7 }]);
  });
});

test('GET /v1/keys?key= asks for keys that no path can hold', async () => {
  const { app, get, view } = edgeWith({ is: 'key', body: '{"key":".."}' });
  for (const key of ['.', '..']) expect((await get(`/v1/keys?key=${key}&below=17`)).statusCode).toBe(200);
  const question = { ask: 'key', viewer: SEES_ALL, below: 17, limit: 100 };
  expect(view.asked).toEqual([
    { ...question, key: '.' },
    { ...question, key: '..' },
  ]);
  for (const query of ['', '?key=', '?key=a&key=b', '?key=a&limit=0'])
    expect([query, (await get(`/v1/keys${query}`)).statusCode]).toEqual([query, 400]);
  const r = await app.inject({ method: 'POST', url: '/v1/keys?key=a' });
  expect([r.statusCode, r.headers.allow]).toEqual([405, 'GET']);
  expect((await get('/v1/keys/')).json().detail).toContain('/v1/keys?key=..');
});

test('other methods are refused with the one that is possible', async () => {
  const { app } = edgeWith(told());
  // QUERY has a body, and fastify wants its content type.
  for (const method of ['POST', 'QUERY' as 'POST'] as const)
    for (const url of ['/v1/words/a', '/v1/keys/k', '/v1/results/stream']) {
      const r = await app.inject({ method, url });
      expect([r.statusCode, r.headers.allow]).toEqual([405, 'GET']);
    }
});

describe('POST /v1/words where a view is kept', () => {
  const word = { word: 'level' };

  test('says where to ask, and does not ask itself', async () => {
    const { post, view } = edgeWith(told());
    const r = await post('/v1/words', word);
    expect(r.statusCode).toBe(202);
    expect(r.headers.location).toMatch(new RegExp(`^/v1/words/${r.json().id}\\?at=\\d+\\.0$`));
    expect(r.headers['retry-after']).toBe('1');
    expect(view.asked).toEqual([]);
  });

  test('with wait: the outcome if it comes in time, else 202', async () => {
    const { post, view } = edgeWith(ended);
    const done = await post('/v1/words', word, { prefer: 'wait=5' });
    expect([done.statusCode, done.json().state]).toEqual([200, 'verdict']);
    expect(done.headers).toMatchObject({ 'preference-applied': 'wait=5', etag: 'W/"0.1.2"' });
    expect(view.asked).toMatchObject([{ ask: 'word', at: { offset: 0 }, wait: { ms: expect.any(Number) } }]);
    view.answer = () => told();
    const late = await post('/v1/words?wait=1s', word);
    expect([late.statusCode, late.headers.location]).toEqual([202, expect.any(String)]);
  });

  test('it is accepted whatever becomes of the view', async () => {
    const { post, view, sink } = edgeWith({ is: 'behind', asOf: -1 });
    const r = await post('/v1/words', word, { prefer: 'wait=5' });
    expect([r.statusCode, r.headers['preference-applied']]).toEqual([202, undefined]);
    view.answer = () => told({ waited: false });
    const many = await post('/v1/words', word, { prefer: 'wait=5' });
    expect([many.statusCode, many.headers['preference-applied']]).toEqual([202, undefined]);
    expect(sink.stored).toHaveLength(2);
    expect((await post('/v1/words?wait=x', word)).statusCode).toBe(400);
    expect(sink.stored).toHaveLength(2);
  });

  test('without a view, nothing is said of it', async () => {
    const r = await openEdge().post('/v1/words', word, { prefer: 'wait=5' });
    expect([r.statusCode, r.headers.location]).toEqual([202, undefined]);
  });
});
