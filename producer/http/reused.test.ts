import { afterEach, describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { createScriptedView } from '@verdikt/test/support/producer/scripted-view.ts';
import { scopesOf, type Scope } from '../auth/caller.ts';
import type { Answer, ClaimsQuestion } from '../view/question.ts';

afterEach(closeEdges);

const BEHIND: Answer = { is: 'behind', asOf: -1 };
const opened = (answer: (q: ClaimsQuestion) => Answer, scopes: readonly Scope[] = ['submit', 'read']) => {
  const view = createScriptedView((q) => (q.ask === 'claims' ? answer(q) : BEHIND));
  const caller = { principal: 'shop', scopes: scopesOf(scopes) };
  return { view, ...openEdge({ view, identify: () => ({ ok: true, caller }) }) };
};
const all = (q: ClaimsQuestion): Answer => ({ is: 'claims', reused: q.claims.map((c) => c.id) });
const none = (): Answer => ({ is: 'claims', reused: [] });

describe('an Idempotency-Key that stands for something else', () => {
  test('is refused on a single submission, and nothing is stored', async () => {
    const { post, sink, view } = opened(all);
    const r = await post('/v1/words', { word: 'level' }, { 'idempotency-key': 'order-1' });
    expect([r.statusCode, r.json()]).toMatchObject([
      422,
      { code: 'KEY_REUSED', title: 'Unprocessable Content' },
    ]);
    expect(sink.stored).toEqual([]);
    expect(view.asked).toMatchObject([{ ask: 'claims', owner: 'shop', claims: [{ key: 'order-1' }] }]);
  });

  test('is refused for the items of a batch that have one of their own; the header is a namespace', async () => {
    const { post, sink } = opened(all);
    const items = [{ word: 'level' }, { word: 'noon', idempotencyKey: 'order-1' }];
    const r = await post('/v1/words:batch', items, { 'idempotency-key': 'batch-1' });
    expect(r.statusCode).toBe(207);
    const entry = { status: 422, code: 'KEY_REUSED', field: 'idempotencyKey' };
    expect(r.json().submissions).toMatchObject([{ status: 202 }, entry]);
    expect(sink.stored.map((s) => String(s.record.value))).toEqual(['level']);
  });
});

describe('items of one batch with the same key of their own', () => {
  const [a, b] = [
    { word: 'level', idempotencyKey: 'order-1' },
    { word: 'noon', idempotencyKey: 'order-1' },
  ];
  const other = { word: 'noon', idempotencyKey: 'order-2' };
  const statuses = async (post: ReturnType<typeof openEdge>['post'], items: readonly object[]) => {
    const { submissions } = (await post('/v1/words:batch', items)).json();
    return submissions.map((s: { status: number; code?: string }) => s.code ?? s.status);
  };

  test('and other content: the first one stands, also without a view', async () => {
    for (const { post, sink } of [openEdge(), opened(none), opened(() => BEHIND)]) {
      expect(await statuses(post, [a, b, other, a])).toEqual([202, 'KEY_REUSED', 202, 202]);
      expect(sink.stored.map((s) => String(s.record.value))).toEqual(['level', 'noon', 'level']);
    }
  });

  test('one that is refused claims nothing', async () => {
    const knowsB = ({ claims }: ClaimsQuestion): Answer => ({
      ...{ is: 'claims', reused: claims.slice(0, 1).map((c) => c.id) },
    });
    expect(await statuses(opened(knowsB).post, [a, b])).toEqual(['KEY_REUSED', 202]);
    expect(await statuses(openEdge().post, [{ ...a, word: '' }, b])).toEqual(['INPUT_INVALID', 202]);
  });
});

test('the same request gets the same answer', async () => {
  const { post } = opened(none);
  const ids = [];
  for (let i = 0; i < 2; i++) {
    const r = await post('/v1/words', { word: 'level' }, { 'idempotency-key': 'order-1' });
    expect(r.statusCode).toBe(202);
    ids.push(r.json().id);
  }
  expect(ids[0]).toBe(ids[1]);
});

test('a view that does not know refuses nothing; what claims nothing does not ask', async () => {
  const { post, view } = opened(() => BEHIND);
  expect((await post('/v1/words', { word: 'level' }, { 'idempotency-key': 'a' })).statusCode).toBe(202);
  expect(view.asked).toHaveLength(1);
  expect((await post('/v1/words', { word: 'level' })).statusCode).toBe(202);
  await post('/v1/words:batch', [{ word: 'a' }], { 'idempotency-key': 'a' });
  expect(view.asked).toHaveLength(1);
});

test('records name their owner, and what claims their key', async () => {
  const { post, sink } = opened(none);
  await post('/v1/words', { word: 'level' }, { 'idempotency-key': 'a' });
  await post('/v1/words:batch', [{ word: 'b' }, { word: 'c', idempotencyKey: 'd' }], {
    'idempotency-key': 'n',
  });
  const headers = sink.stored.map(({ record }) => Object.fromEntries(record.headers));
  expect(headers).toMatchObject([
    { [H.owner]: 'shop', [H.idempotencyKey]: 'a', [H.claim]: '1' },
    { [H.owner]: 'shop', [H.idempotencyKey]: 'n' },
    { [H.owner]: 'shop', [H.idempotencyKey]: 'd', [H.claim]: '1' },
  ]);
  expect(headers[1]).not.toHaveProperty(H.claim);
});

describe('scopes', () => {
  test.each<[Scope[], number, number]>([
    [['submit'], 202, 403],
    [['read'], 403, 503],
    [['operate', 'read:all', 'read:text'], 403, 403],
  ])('%j: POST gets %s, GET gets %s', async (scopes, posted, read) => {
    const { post, app } = opened(none, scopes);
    const p = await post('/v1/words', { word: 'level' });
    expect([p.statusCode, (await post('/v1/words:batch', [{ word: 'a' }])).statusCode]).toEqual([
      posted,
      posted,
    ]);
    if (posted === 403) expect(p.json()).toMatchObject({ code: 'FORBIDDEN', field: 'submit' });
    for (const url of ['/v1/words/a', '/v1/keys/k'])
      expect([url, (await app.inject({ method: 'GET', url })).statusCode]).toEqual([url, read]);
    const me = await app.inject({ method: 'GET', url: '/v1/me' });
    expect(me.json()).toEqual({ principal: 'shop', scopes, open: false });
  });

  test('who may not read is not held up by a wait', async () => {
    const { post, view } = opened(none, ['submit']);
    const r = await post('/v1/words', { word: 'level' }, { prefer: 'wait=5' });
    expect([r.statusCode, r.headers['preference-applied']]).toEqual([202, undefined]);
    expect(view.asked).toEqual([]);
  });
});

test('a signature is checked before anything of the body is read', async () => {
  let answer = (_: { ok: false; code: 'KEYS_UNAVAILABLE' }): void => undefined;
  const { app, sink } = openEdge({ identify: () => new Promise((resolve) => (answer = resolve)) });
  const posted = app.inject({ method: 'POST', url: '/v1/words', payload: { word: 'level' } });
  await new Promise((resolve) => setTimeout(resolve, 20));
  answer({ ok: false, code: 'KEYS_UNAVAILABLE' });
  const r = await posted;
  expect([r.statusCode, r.json().code, r.headers['retry-after']]).toEqual([503, 'KEYS_UNAVAILABLE', '5']);
  expect(sink.stored).toEqual([]);
});
