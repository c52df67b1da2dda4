import { afterEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { uuid } from '@verdikt/test/support/cli/dlq-bench.ts';
import { closeEdges, openEdge } from '@verdikt/test/support/producer/edge.ts';
import { auditsOf, openFilled, openOperators } from '@verdikt/test/support/producer/operators-bench.ts';
import type { OperatorAnswer } from '../operators/question.ts';

afterEach(closeEdges);

type Json = Readonly<Record<string, unknown>>;
const ids = (r: { json(): unknown }): unknown[] =>
  (r.json() as { letters: { id: string }[] }).letters.map((l) => l.id);
const ROUTES = [
  ...(['GET /v1/dead-letters', 'GET /v1/dead-letters/groups', 'GET /v1/dead-letters/0/0'] as const),
  ...([
    'POST /v1/dead-letters/redrive',
    'POST /v1/dead-letters/skip',
    'POST /v1/dead-letters/what-if',
    'POST /v1/dead-letters/reset',
  ] as const),
  ...(['GET /v1/operations/x', 'GET /v1/parked-keys', 'GET /v1/tasks', 'GET /v1/audit'] as const),
];

describe.each(ROUTES)('%s', (route) => {
  const [method, url] = route.split(' ') as ['GET' | 'POST', string];
  test('needs the scope, and says which', async () => {
    const b = openOperators(['submit', 'read', 'read:all', 'read:text']);
    const r = await b.app.inject({ method, url, payload: { all: true } });
    expect([r.statusCode, r.json()]).toMatchObject([403, { code: 'FORBIDDEN', field: 'operate' }]);
    expect(b.asked).toEqual([]);
  });
  test('says that this edge does not serve operators', async () => {
    const r = await openEdge().app.inject({ method, url });
    expect([r.statusCode, r.json().code]).toEqual([501, 'OPERATORS_OFF']);
  });
});

test('a thread that is away is said so, with the time to come back', async () => {
  const away: OperatorAnswer = { is: 'problem', code: 'OPERATORS_AWAY', detail: 'no broker' };
  const { app } = openEdge({ operators: { ask: () => Promise.resolve(away) } });
  const r = await app.inject({ method: 'GET', url: '/v1/tasks' });
  expect([r.statusCode, r.headers['retry-after'], r.json().detail]).toEqual([503, '5', 'no broker']);
});

describe('GET /v1/dead-letters', () => {
  test('lists page by page, by partition and offset', async () => {
    const b = openFilled();
    const first = await b.get('/v1/dead-letters?limit=2');
    expect([ids(first), first.json().next]).toEqual([[uuid(100), uuid(101)], '0.2']);
    const second = await b.get(`/v1/dead-letters?limit=2&from=${first.json().next}`);
    expect([ids(second), second.json().next]).toEqual([[uuid(102), uuid(103)], '1.0']);
    const last = await b.get(`/v1/dead-letters?limit=2&from=${second.json().next}`);
    expect([ids(last), last.json().next]).toEqual([[uuid(104)], undefined]);
  });

  test.each<[string, number[]]>([
    ['reason=rejected', [103, 104]],
    ['reason=http-503,rejected&partition=1', [104]],
    ['key=k0', [100, 104]],
    [`id=${uuid(102)}`, [102]],
    ['status=parked', [103]],
    ['disposition=final&stage=http&partition=0', [100, 101, 102]],
    ['since=9999999999999', []],
    ['until=2100-01-01T00:00:00Z&partition=1', [104]],
  ])('filters by %s', async (query, found) => {
    const r = await openFilled().get(`/v1/dead-letters?${query}`);
    expect(ids(r)).toEqual(found.map(uuid));
  });

  test.each([
    ...['limit=0', 'limit=501', 'from=1', 'status=lost', 'disposition=x', 'partition=a', 'since=soon'],
    ...['reason=a&reason=b', 'key='],
  ])('refuses %s by its name', async (query) => {
    const r = await openFilled().get(`/v1/dead-letters?${query}`);
    expect([r.statusCode, r.json().field]).toEqual([400, query.split('=')[0]]);
  });

  test('without the right to text, keys are hidden, and say no more than that', async () => {
    const r = await openFilled(['operate']).get('/v1/dead-letters?key=k0');
    expect((r.json() as { letters: Json[] }).letters).toMatchObject([{ keyText: '***' }, { keyText: '***' }]);
  });

  test('names the command that does the same', async () => {
    const r = await openFilled().get(`/v1/dead-letters?reason=${encodeURIComponent("it's")}&since=0`);
    expect(r.json().cli).toBe(
      String.raw`verdikt dlq list --reason 'it'\''s' --since 1970-01-01T00:00:00.000Z`,
    );
  });
});

test('groups count by reason, status and check, the most frequent first', async () => {
  const r = await openFilled().get('/v1/dead-letters/groups');
  expect(r.json()).toMatchObject({
    groups: [
      { reason: 'http-503', count: 3, statuses: { open: 3 }, stages: { http: 3 } },
      { reason: 'rejected', count: 2, statuses: { parked: 1, open: 1 }, example: { error: 'no answer' } },
    ],
    ...{ total: 5, complete: true },
  });
});

describe('one letter', () => {
  const json = Buffer.from('{"word":"level","n":1}');
  test('is told whole, or without text', async () => {
    const b = openOperators();
    b.letter({ id: uuid(1), key: 'level', origin: 0, value: json });
    const r = await b.get('/v1/dead-letters/0/0');
    expect(r.json()).toMatchObject({
      id: uuid(1),
      status: 'open',
      payload: { content: { word: 'level', n: 1 } },
    });
    const hidden = openOperators(['operate']);
    hidden.letter({ id: uuid(1), key: 'level', origin: 0, value: json });
    const h = await hidden.get('/v1/dead-letters/0/0');
    expect(h.json()).toMatchObject({ keyText: '***', payload: { content: { word: '***', n: 1 } } });
    expect(h.body).not.toContain('level');
  });
  test.each(['0/5', '9/0'])('%s is not there', async (place) => {
    const r = await openFilled().get(`/v1/dead-letters/${place}`);
    expect([r.statusCode, r.json().code]).toEqual([404, 'NOT_FOUND']);
  });
  test.each(['x/0', '0/-1'])('%s is no place', async (place) => {
    expect((await openFilled().get(`/v1/dead-letters/${place}`)).statusCode).toBe(400);
  });
});

describe('POST /v1/dead-letters/redrive', () => {
  test('does it, says how it ended, and who asked is noted', async () => {
    const b = openFilled();
    const r = await b.post('/v1/dead-letters/redrive', { filter: { reasons: ['http-503'] } });
    const counts = { selected: 3, applied: 3 };
    expect([r.statusCode, r.json()]).toMatchObject([
      200,
      { state: 'done', action: 'redrive', by: 'olga', counts },
    ]);
    expect(r.json().cli).toBe('verdikt dlq redrive --reason http-503');
    expect(auditsOf(b)).toMatchObject([
      ['redrive-begin', 'olga', {}],
      ['redrive-end', 'olga', counts],
    ]);
    expect(ids(await b.get('/v1/dead-letters?status=redriven'))).toEqual([100, 101, 102].map(uuid));
    const told = await b.get(`/v1/operations/${r.json().operation}`);
    expect(told.json()).toMatchObject({ state: 'done', counts });
    const log = (await b.get('/v1/audit?limit=1')).json() as { audits: Json[]; complete: boolean };
    expect(log).toMatchObject({
      audits: [{ action: 'redrive-end', by: 'olga', filter: 'reasons=http-503' }],
    });
    expect(log.complete).toBe(false);
  });

  test('a dry run names what would go, is noted, and changes nothing', async () => {
    const b = openFilled(['operate']);
    const r = await b.post('/v1/dead-letters/redrive', { all: true, dryRun: true });
    expect(r.json()).toMatchObject({ dryRun: true, counts: { selected: 5, send: 5 }, more: 0 });
    expect(r.json().letters).toHaveLength(5);
    expect(r.body).not.toContain('k0');
    expect(auditsOf(b)).toMatchObject([['dry-run', 'olga', { send: 5 }]]);
    expect(ids(await b.get('/v1/dead-letters?status=redriven'))).toEqual([]);
  });

  test('what takes longer runs on: 202, progress, and its end', async () => {
    const b = openFilled();
    b.memory.task = () => undefined;
    const r = await b.post('/v1/dead-letters/redrive?wait=0', { ids: [uuid(100)] });
    expect([r.statusCode, r.json().state]).toEqual([202, 'running']);
    expect(r.headers.location).toBe(`/v1/operations/${r.json().operation}`);
    // Nobody answers: it ends by itself.
    for (let i = 0; i < 2_000; i++) await new Promise((resolve) => setImmediate(resolve));
    const end = await b.get(String(r.headers.location));
    expect(end.json()).toMatchObject({ state: 'done', counts: { selected: 1, unanswered: 1 } });
  });

  test('an operation that another tool has begun is known by what it noted, and can be resumed', async () => {
    const b = openFilled();
    await b.bench.verdikt(`redrive --reason http-503 --operation ${uuid(1)} --as erin`);
    const r = await b.get(`/v1/operations/${uuid(1)}`);
    expect(r.json()).toMatchObject({ state: 'done', by: 'erin', counts: { applied: 3 } });
    const again = await b.post('/v1/dead-letters/redrive', { operation: uuid(1) });
    expect(again.json()).toMatchObject({ state: 'done', counts: { selected: 3, applied: 3 } });
    expect((await b.get(`/v1/operations/${uuid(2)}`)).statusCode).toBe(404);
  });

  test.each<[unknown, string]>([
    [{}, 'filter'],
    [{ filter: {} }, 'filter'],
    [{ all: false }, 'filter'],
    [{ all: true, ids: ['a'] }, 'all'],
    [{ filter: { reason: ['x'] } }, 'filter.reason'],
    [{ filter: { statuses: ['lost'] } }, 'filter.statuses.0'],
    [{ ids: [] }, 'ids'],
    [{ all: true, max: 0 }, 'max'],
    [{ operation: 'x' }, 'operation'],
    [{ all: true, extra: 1 }, 'extra'],
    [[], 'body'],
    ['{', 'body'],
  ])('refuses %j by the name of what is wrong', async (payload, field) => {
    const b = openFilled();
    const r = await b.post('/v1/dead-letters/redrive', payload as object | string);
    expect([r.statusCode, r.json().field]).toEqual([400, field]);
    expect(auditsOf(b)).toEqual([]);
  });

  const failing = (b: ReturnType<typeof openOperators>, kind: string): void => {
    b.memory.beforeAppend = (topic, [record]) => {
      if (topic === b.memory.control && record.headers[0][1] === kind)
        throw new ServiceError('BROKER_UNAVAILABLE', 'no broker');
      return undefined;
    };
  };

  test('one that could not be begun is no operation, and may be begun later', async () => {
    const b = openFilled();
    failing(b, 'audit');
    const r = await b.post('/v1/dead-letters/redrive', { all: true, operation: uuid(1) });
    expect([r.statusCode, r.json().code]).toEqual([503, 'OPERATORS_AWAY']);
    b.memory.beforeAppend = () => undefined;
    expect((await b.get(`/v1/operations/${uuid(1)}`)).statusCode).toBe(404);
    const again = await b.post('/v1/dead-letters/redrive', { all: true, operation: uuid(1) });
    expect(again.json()).toMatchObject({ state: 'done', counts: { applied: 5 } });
  });

  test('one that fails on its way says why, and is resumed by its id', async () => {
    const b = openFilled();
    failing(b, 'command');
    const r = await b.post('/v1/dead-letters/redrive', { all: true, operation: uuid(1) });
    const error = { code: 'BROKER_UNAVAILABLE', message: 'no broker' };
    expect([r.statusCode, r.json()]).toMatchObject([200, { state: 'failed', error }]);
    b.memory.beforeAppend = () => undefined;
    const again = await b.post('/v1/dead-letters/redrive', { operation: uuid(1) });
    expect(again.json()).toMatchObject({ state: 'done', counts: { selected: 5, applied: 5 } });
  });

  test('an operation that was begun with other options is refused', async () => {
    const b = openFilled();
    await b.post('/v1/dead-letters/redrive', { all: true, operation: uuid(1) });
    await b.bench.verdikt(`redrive --all --operation ${uuid(2)}`);
    const r = await b.post('/v1/dead-letters/redrive', { ids: [uuid(100)], operation: uuid(2) });
    expect([r.statusCode, r.json().field]).toEqual([400, 'operation']);
  });
});

test('skip takes parked letters alone, and not what only a redrive knows', async () => {
  const b = openFilled();
  const r = await b.post('/v1/dead-letters/skip', { all: true });
  expect(r.json()).toMatchObject({ action: 'skip', counts: { selected: 1, applied: 1 } });
  const bad = await b.post('/v1/dead-letters/skip', { all: true, includeQuarantined: true });
  expect([bad.statusCode, bad.json().field]).toEqual([400, 'includeQuarantined']);
});
