import { EDGE_CODES } from '@verdikt/core/errors.ts';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { AppendResult } from '@verdikt/core/ports/sink.ts';
import { HTTP } from '../producer/http/problem.ts';
import { createEdge, type EdgeOptions } from '@verdikt/test/support/producer/edge.ts';
import { createClient, VerdiktError } from './public.ts';
import { createClientWith, type ClientOptions } from './client.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

/** Waits are over at once; limits of requests (more than a minute) are never reached. */
const quickClock = () => {
  const waits: number[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    after: (ms, f) => {
      if (ms > 60_000) return () => undefined;
      const timer = setTimeout(() => {
        waits.push(ms);
        now += ms;
        f();
      });
      return () => clearTimeout(timer);
    },
  };
  return { waits, clock };
};

const open = async (options: Partial<ClientOptions> = {}, edgeOptions?: EdgeOptions) => {
  const edge = createEdge(edgeOptions);
  opened.push(edge.app);
  const { waits, clock } = quickClock();
  const requests: Request[] = [];
  const fetch = ((input: URL, init: RequestInit) => {
    requests.push(new Request(input, init));
    return globalThis.fetch(input, init);
  }) as typeof globalThis.fetch;
  const url = `http://127.0.0.1:${await edge.listen()}`;
  const usual = { url, fetch, timeLimitMs: 1e9, attemptTimeoutMs: 1e8 };
  const client = createClientWith({ ...usual, ...options }, { clock, random: () => 1 });
  return { edge, client, waits, requests, url };
};
const codes =
  (...failures: Extract<AppendResult, { ok: false }>['code'][]) =>
  (): AppendResult => {
    const code = failures.shift();
    return code === undefined ? { ok: true, offset: 0 } : { ok: false, code };
  };
const keysOf = (requests: readonly Request[]) =>
  Promise.all(requests.map(async (r) => ((await r.json()) as { idempotencyKey: string }).idempotencyKey));

describe('one word', () => {
  test('is stored with its key and headers, and has an id', async () => {
    const { edge, client } = await open();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const { id } = await client.submit('level', { key: 'k', headers: { traceparent } });
    const [{ record }] = edge.sink.stored;
    expect([String(record.key), String(record.value)]).toEqual(['k', 'level']);
    expect(record.headers).toEqual(
      expect.arrayContaining([
        ['id', id],
        ['traceparent', traceparent],
      ]),
    );
  });

  test('is sent again under the same key while it may help, later each time', async () => {
    const { edge, client, waits, requests } = await open();
    edge.sink.result = codes('STOPPING', 'APPEND_UNCONFIRMED', 'APPEND_UNCONFIRMED', 'BROKER_UNAVAILABLE');
    await client.submit('w');
    expect(waits).toEqual([1_000, 1_000, 1_000, 5_000]);
    const keys = await keysOf(requests);
    expect([keys.length, new Set(keys).size]).toEqual([5, 1]);
    const ids = edge.sink.appends.flat().map((s) => s.record.headers[0][1]);
    expect(new Set(ids).size).toBe(1);
  });

  test('takes the idempotency key that it is given', async () => {
    const { client } = await open();
    const [a, b, c] = [
      await client.submit('w', { idempotencyKey: '"x' }),
      await client.submit('w', { idempotencyKey: '"x' }),
      await client.submit('w'),
    ];
    expect([a.id === b.id, a.id === c.id]).toEqual([true, false]);
  });

  test.each([
    ['', {}, { code: 'INPUT_INVALID', status: 400, field: 'word', stored: 'no', attempts: 1 }],
    ['w', { key: 'x'.repeat(257) }, { code: 'INPUT_TOO_LARGE', status: 413, field: 'key' }],
    ['w', { idempotencyKey: 'é' }, { code: 'INPUT_INVALID', field: 'idempotencyKey' }],
  ])('%j with %j is refused at once', async (word, options, error) => {
    const { client, requests } = await open();
    const refused = await client.submit(word, options).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(VerdiktError);
    expect(refused).toMatchObject(error);
    expect(requests).toHaveLength(1);
  });

  test('needs the token that the edge knows', async () => {
    const sha256 = createHash('sha256').update('right').digest('hex');
    const tokens = [{ principal: 'me', sha256 }];
    const right = await open({ token: 'right' }, { tokens });
    await expect(right.client.submit('w')).resolves.toHaveProperty('id');
    const wrong = await open({ token: 'no' }, { tokens });
    await expect(wrong.client.submit('w')).rejects.toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
    await expect(wrong.client.submitAll(['w']).next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

describe('without an edge', () => {
  const answering = async (responses: (() => Response | Promise<Response>)[], more: object = {}) => {
    const { waits, clock } = quickClock();
    const fetch = (() => Promise.resolve((responses.shift() as () => Response)())) as typeof globalThis.fetch;
    const options = { url: 'http://edge/base', fetch, timeLimitMs: 1e9, attemptTimeoutMs: 1e8, ...more };
    return { waits, client: createClientWith(options, { clock, random: () => 1 }) };
  };
  const status =
    (n: number, headers: Record<string, string> = {}) =>
    () =>
      new Response('<html>', { status: n, headers });
  const accepted = () => Response.json({ id: 'i' }, { status: 202 });

  test('no connection, 408, 429 and 5xx are tried again; Retry-After is a lower bound', async () => {
    const { client, waits } = await answering([
      () => Promise.reject(new TypeError('fetch failed')),
      status(408),
      status(429, { 'retry-after': '7' }),
      status(502),
      status(503, { 'retry-after': new Date(20_000).toUTCString() }),
      status(504, { 'retry-after': 'soon' }),
      status(500),
      status(500),
      accepted,
    ]);
    expect(await client.submit('w')).toEqual({ id: 'i' });
    const before = 100 + 200 + 7_000 + 800;
    expect(waits).toEqual([100, 200, 7_000, 800, 20_000 - before, 3_200, 5_000, 5_000]);
  });

  test('fails with the last error once the time is up, and knows that it may be stored', async () => {
    const problem = (code: string) => () => Response.json({ code, id: 'i' }, { status: 503 });
    const stopping = Array.from({ length: 50 }, () => problem('STOPPING'));
    const more = { timeLimitMs: 20_000, attemptTimeoutMs: 5_000 };
    const { client, waits } = await answering([problem('APPEND_UNCONFIRMED'), ...stopping], more);
    await expect(client.submit('w', { idempotencyKey: 'mine' })).rejects.toMatchObject({
      ...{ code: 'STOPPING', status: 503, stored: 'unknown', id: 'i', idempotencyKey: 'mine', attempts: 9 },
    });
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  test.each([301, 404, 200])('%s is not the answer of an edge', async (n) => {
    const { client } = await answering([status(n)]);
    await expect(client.submit('w')).rejects.toMatchObject({ code: 'ANSWER_INVALID', status: n });
  });

  test('gives up at once where Retry-After is past the time limit', async () => {
    const { client, waits } = await answering([status(503, { 'retry-after': '9999' })], { timeLimitMs: 1e6 });
    await expect(client.submit('w')).rejects.toMatchObject({ code: 'UNREACHABLE', retryAfterMs: 9_999_000 });
    expect(waits).toEqual([]);
  });

  test('a request that is not answered in time counts as unreachable', async () => {
    const fetch = ((_: URL, { signal }: RequestInit) =>
      new Promise((_ok, no) =>
        signal?.addEventListener('abort', () => no(signal.reason as Error)),
      )) as typeof globalThis.fetch;
    const client = createClient({ url: 'http://edge', fetch, attemptTimeoutMs: 20, timeLimitMs: 60 });
    await expect(client.submit('w')).rejects.toMatchObject({
      code: 'UNREACHABLE',
      stored: 'unknown',
      message: expect.stringContaining('no answer within'),
    });
  });

  test('a signal ends it, while it waits and while it asks', async () => {
    const { client } = await answering([]);
    await expect(client.submit('w', { signal: AbortSignal.abort(new Error('mine')) })).rejects.toThrow(
      'mine',
    );
    const away = (() => Promise.reject(new TypeError('x'))) as typeof globalThis.fetch;
    const waiting = createClient({ url: 'http://edge', fetch: away });
    await expect(waiting.submit('w', { signal: AbortSignal.timeout(30) })).rejects.toThrow(/timeout/);
    const hanging = createClient({
      url: 'http://edge',
      fetch: ((_: URL, { signal }: RequestInit) =>
        new Promise((_ok, no) => signal?.addEventListener('abort', () => no(new Error('x'))))) as never,
    });
    await expect(hanging.submit('w', { signal: AbortSignal.timeout(30) })).rejects.toThrow(/timeout/);
  });

  test.each([
    [{ timeLimitMs: 0 }, 'timeLimitMs is 0'],
    [{ attemptTimeoutMs: Number.NaN }, 'attemptTimeoutMs is NaN'],
  ])('%j is refused', (options, message) =>
    expect(() => createClient({ url: 'http://edge', ...options })).toThrow(message),
  );

  test('an address that is none is refused', () =>
    expect(() => createClient({ url: 'edge' })).toThrow('Invalid URL'));
});

test('knows every code of the edge', () => expect([...EDGE_CODES].sort()).toEqual(Object.keys(HTTP).sort()));
