import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { Check } from '@verdikt/core/ports/chain.ts';
import { sendJson, serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import { createHttpCheck } from './http.ts';
import { fetchTransport, socketTransport } from './http-transport.ts';
import type { HttpOptions } from './schema.ts';
type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;
let handler: Handler = () => undefined;
let http: HttpServer;
let url = '';
let sockets = 0;

beforeAll(async () => {
  http = await serveHttp((request, response, body) => handler(request, response, String(body)));
  http.server.on('connection', () => sockets++);
  url = `${http.origin}/check`;
});
afterAll(() => http.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const json =
  (status: number, value: unknown): Handler =>
  (_, response) => {
    sendJson(response, status, value);
  };
const check = (
  o: Partial<HttpOptions> = {},
  clock: Clock = systemClock,
  fetch?: typeof globalThis.fetch,
): Check => {
  const defaults = {
    timeoutMs: 60_000,
    maxResponseBytes: 100,
    concurrency: 4,
    breakerFailures: 1000,
    breakerHalfOpenMs: 1000,
    keepAliveMs: 4000,
    connectionMaxMs: 60_000,
    publicAddressesOnly: false,
    batchMax: 1,
    batchWaitMs: 2,
  };
  const options = { name: 'http', url, ...defaults, ...o };
  const transport = fetch === undefined ? socketTransport(options) : fetchTransport(options.url, fetch);
  return createHttpCheck(options, { transport, clock });
};
const input = (id = 'id-1', attempt = 1) => ({ word: 'noön', id, attempt });

describe('a call', () => {
  test('says what is asked, once per attempt', async () => {
    let seen: unknown;
    handler = (request, response, body) => {
      const { method, headers } = request;
      seen = [method, request.url, headers['content-type'], headers['idempotency-key'], JSON.parse(body)];
      response.end('{"answer":true,"detail":"found"}');
    };
    expect(await check().run(input('id-7', 3))).toEqual({ kind: 'pass', answer: true, detail: 'found' });
    expect(seen).toEqual([
      'POST',
      '/check',
      'application/json',
      'id-7.3',
      { word: 'noön', id: 'id-7', attempt: 3 },
    ]);
  });

  test('keeps its connection, also after errors', async () => {
    const c = check();
    handler = json(200, { answer: true });
    // The second call may come before the first connection is free again.
    for (let i = 0; i < 2; i++) await c.run(input());
    const before = sockets;
    for (const status of [200, 503, 404, 200]) {
      handler = json(status, { answer: true });
      await c.run(input());
    }
    expect(sockets).toBe(before);
  });

  test.each([
    [503, 'retry', 'http-5xx'],
    [429, 'retry', 'http-429'],
    [422, 'reject', 'http-4xx'],
  ])('answered %d is %s %s', async (status, kind, reason) => {
    handler = json(status, {});
    expect(await check().run(input())).toMatchObject({ kind, reason });
  });

  test('follows no redirect', async () => {
    const paths: unknown[] = [];
    handler = (request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    };
    expect(await check().run(input())).toMatchObject({ kind: 'retry', reason: 'http-bad-response' });
    expect(paths).toEqual(['/check']);
  });

  test('reads no more than it may', async () => {
    handler = (_, response) => {
      // Never ends: only a reader that gives up gets on.
      response.write(`{"answer":true,"detail":"${'x'.repeat(200)}`);
    };
    expect(await check().run(input())).toMatchObject({ kind: 'retry', reason: 'http-bad-response' });
  });

  test.each([
    ['before the answer', ''],
    ['within the answer', '{"answer":'],
  ])('that breaks %s is http-connection', async (_, part) => {
    handler = (request, response) => {
      if (part === '') request.socket.destroy();
      else response.write(part, () => request.socket.destroy());
    };
    expect(await check().run(input())).toMatchObject({ kind: 'retry', reason: 'http-connection' });
  });

  test('that fails for another reason tells that', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('bad header') }));
    expect(await check({}, systemClock, fetch as never).run(input())).toEqual({
      kind: 'retry',
      reason: 'http-connection',
      detail: 'bad header',
    });
  });

  test('to where nobody listens is http-connection and says why', async () => {
    const gone = await serveHttp(() => undefined);
    await gone.stop();
    const outcome = await check({ url: `${gone.origin}/` }).run(input());
    expect(outcome).toEqual({
      ...{ kind: 'retry', reason: 'http-connection' },
      detail: `refused: nothing listens at ${new URL(gone.origin).host} (ECONNREFUSED)`,
    });
  });

  test.each([
    ['before it answers', ''],
    ['while it answers', '{"answer":'],
  ])('whose time is over %s is http-timeout', async (_, part) => {
    let over: () => void = () => undefined;
    const waits: number[] = [];
    const clock: Clock = {
      now: () => 0,
      after: (ms, f) => {
        waits.push(ms);
        over = f;
        return () => waits.pop();
      },
    };
    handler = (__, response) => {
      if (part === '') over();
      else response.write(part, () => over());
    };
    expect(await check({ timeoutMs: 1234 }, clock).run(input())).toEqual({
      kind: 'retry',
      reason: 'http-timeout',
      detail: 'no answer within 1234 ms',
    });
    expect(waits).toEqual([]);
  });
});

/** A service whose answers are given by hand. */
const byHand = () => {
  const calls: ((status: number) => void)[] = [];
  const fetch = (): Promise<Response> =>
    new Promise((resolve) => {
      calls.push((status) => {
        resolve(new Response('{"answer":true}', { status }));
      });
    });
  return { calls, fetch };
};
const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('makes only so many calls at once', async () => {
  const { calls, fetch } = byHand();
  const c = check({ concurrency: 2 }, systemClock, fetch);
  const outcomes = [1, 2, 3, 4].map((n) => c.run(input(`id-${n}`)));
  await settle();
  expect(calls).toHaveLength(2);
  calls[0](200);
  await outcomes[0];
  await settle();
  expect(calls).toHaveLength(3);
  calls[1](200);
  await outcomes[1];
  await settle();
  calls.slice(2).forEach((end) => {
    end(500);
  });
  expect((await Promise.all(outcomes)).map((o) => o.kind)).toEqual(['pass', 'pass', 'retry', 'retry']);
});

describe('the circuit', () => {
  let time = 0;
  const at = (now: number): void => {
    time = now;
  };
  const clock: Clock = { ...systemClock, now: () => time };
  /** Runs one attempt; the status with which the service answers if it is called. */
  const service = (o: Partial<HttpOptions> = {}) => {
    let called = 0;
    let status = 200;
    const fetch = (): Promise<Response> => {
      called++;
      return Promise.resolve(new Response('{"answer":true}', { status }));
    };
    const c = check({ breakerFailures: 3, breakerHalfOpenMs: 1000, ...o }, clock, fetch);
    const run = async (answers: number): Promise<string> => {
      status = answers;
      const outcome = await c.run(input());
      return outcome.kind === 'pass' ? 'pass' : outcome.reason;
    };
    return { run, calls: () => called };
  };

  test('opens after so many failures in a row, and calls nothing then', async () => {
    at(0);
    const { run, calls } = service();
    for (const status of [500, 429, 200, 500, 500]) await run(status);
    expect(await run(201)).toBe('http-bad-response');
    expect(calls()).toBe(6);
    at(999);
    expect([await run(200), await run(200), calls()]).toEqual(['circuit-open', 'circuit-open', 6]);
  });

  test('closes when the call that tries it succeeds', async () => {
    at(0);
    const { run } = service();
    for (let i = 0; i < 3; i++) await run(500);
    at(1000);
    expect([await run(200), await run(500), await run(500), await run(200)]).toEqual([
      'pass',
      'http-5xx',
      'http-5xx',
      'pass',
    ]);
  });

  test('stays open when the call that tries it fails', async () => {
    at(0);
    const { run, calls } = service();
    for (let i = 0; i < 3; i++) await run(500);
    at(1000);
    expect([await run(500), await run(200), calls()]).toEqual(['http-5xx', 'circuit-open', 4]);
    at(1999);
    expect(await run(200)).toBe('circuit-open');
    at(2000);
    expect(await run(200)).toBe('pass');
  });

  test('tries with one call, whatever waits', async () => {
    at(0);
    const { calls, fetch } = byHand();
    const c = check({ breakerFailures: 1, breakerHalfOpenMs: 1000 }, clock, fetch);
    const first = c.run(input());
    await settle();
    calls[0](500);
    await first;
    at(1000);
    const outcomes = [1, 2, 3].map((n) => c.run(input(`id-${n}`)));
    await settle();
    expect(calls).toHaveLength(2);
    calls[1](500);
    const reasons = (await Promise.all(outcomes)).map((o) => (o.kind === 'pass' ? 'pass' : o.reason));
    expect(reasons).toEqual(['http-5xx', 'circuit-open', 'circuit-open']);
    expect(calls).toHaveLength(2);
  });

  test('is not opened by rejects: the service answers', async () => {
    at(0);
    const { run } = service();
    for (let i = 0; i < 5; i++) await run(422);
    expect(await run(200)).toBe('pass');
  });
});

test('close ends what runs and calls nothing any more', async () => {
  let requests = 0;
  const arrived = new Promise<void>((resolve) => {
    handler = () => {
      requests++;
      resolve();
    };
  });
  const c = check();
  const outcome = c.run(input());
  await arrived;
  await c.close?.();
  expect(await outcome).toMatchObject({ kind: 'retry', reason: 'http-connection' });
  expect(await c.run(input())).toMatchObject({ kind: 'retry', reason: 'http-connection' });
  expect(requests).toBe(1);
});
