import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttps, type Server } from 'node:https';
import { createServer, type Server as HttpServerOf } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { makeCertificates, type Certificates } from '@verdikt/test/support/kafka/certificates.ts';
import { sendJson, serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { createChain, type ChainDeps } from './chain.ts';
import type { CheckChain } from './run-chain.ts';

const folder = mkdtempSync(join(tmpdir(), 'http-check-'));
let certificates: Certificates;
let plain: HttpServer;
let secure: Server;
let proxy: HttpServerOf;
/** What the proxy was asked for. */
let proxied: string[] = [];
let status = 200;
let retryAfter: string | undefined;
let sockets = 0;
let open: CheckChain | undefined;
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

beforeAll(async () => {
  certificates = await makeCertificates(folder);
  plain = await serveHttp((_, response) => {
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
    sendJson(response, status, { answer: true });
  });
  plain.server.on('connection', () => sockets++);
  // The check is the one who gives a connection up.
  plain.server.keepAliveTimeout = 0;
  const pem = readFileSync(certificates.serverFile);
  secure = createHttps({ key: pem, cert: pem }, (request, response) => {
    request.resume();
    sendJson(response, 200, { answer: true });
  });
  proxy = createServer((request, response) => {
    proxied.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
    request.resume();
    sendJson(response, 200, { answer: true });
  });
  proxy.on('connect', (request, socket) => {
    proxied.push(`CONNECT ${request.url}`);
    const port = Number(String(request.url).split(':')[1]);
    const on = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      on.pipe(socket).pipe(on);
    });
  });
  for (const server of [secure, proxy])
    await new Promise<void>((resolve) => void server.listen(0, '0.0.0.0', resolve));
});
afterEach(async () => {
  await open?.close();
  [open, proxied, status, retryAfter] = [undefined, [], 200, undefined];
});
afterAll(async () => {
  await plain.stop();
  for (const server of [secure, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true });
});

const ask = async (http: object, more: Partial<ChainDeps> = {}): Promise<string> => {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  open = await createChain([{ http } as never], { readFile, clock: systemClock, ...more });
  const o = await open.run({ word: 'w', id: 'i', attempt: 1 }, []);
  return o.kind === 'done' ? 'done' : `${o.reason}: ${o.detail}`;
};

/** Ports that `fetch` refuses, as browsers do. */
const BLOCKED_PORTS = [10_080, 6_000, 5_060, 6_566, 6_665, 6_667];

const listenOn = async (ports: readonly number[]): Promise<HttpServerOf> => {
  for (const port of ports) {
    const server = createServer((request, response) => {
      request.resume();
      sendJson(response, 200, { answer: true });
    });
    const listening = new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true));
    });
    if (await listening) return server;
  }
  throw new Error('none of these ports is free');
};

test('a port that is closed to browsers is asked like any other', async () => {
  const server = await listenOn(BLOCKED_PORTS);
  try {
    const url = `http://127.0.0.1:${portOf(server)}/`;
    await expect(fetch(url)).rejects.toMatchObject({ cause: { message: 'bad port' } });
    expect(await ask({ url })).toBe('done');
  } finally {
    await open?.close();
    server.closeAllConnections();
    server.close();
  }
});

describe('TLS', () => {
  const at = (host = '127.0.0.1') => `https://${host}:${portOf(secure)}/`;

  test('trusts whom Node trusts, and with caFile those alone', async () => {
    expect(await ask({ url: at() })).toMatch(
      /^http-connection: TLS: the certificate of 127\.0\.0\.1:\d+ is not trusted/,
    );
    await open?.close();
    expect(await ask({ url: at(), caFile: certificates.caFile })).toBe('done');
  });

  test('needs a certificate for the host', async () => {
    expect(await ask({ url: at('127.0.0.2'), caFile: certificates.caFile })).toMatch(
      /^http-connection: TLS: the certificate is not one for 127\.0\.0\.2/,
    );
  });

  test('names a service that speaks none', async () => {
    const url = plain.origin.replace('http:', 'https:');
    expect(await ask({ url })).toMatch(/^http-connection: TLS: no handshake with 127\.0\.0\.1/);
  });
});

describe('a proxy', () => {
  const proxyUrl = () => `http://u:p%40@127.0.0.1:${portOf(proxy)}`;

  test('is asked for plain URLs, with its credentials', async () => {
    const proxies = { httpProxy: proxyUrl(), httpsProxy: 'http://127.0.0.1:1' };
    expect(await ask({ url: 'http://rules.test/check' }, { proxies })).toBe('done');
    const basic = Buffer.from('u:p@').toString('base64');
    expect(proxied).toEqual([`POST http://rules.test/check Basic ${basic}`]);
  });

  test('gives a tunnel for TLS, in which the certificate is checked', async () => {
    const url = `https://secure.test:${portOf(secure)}/`;
    const proxies = { httpsProxy: `127.0.0.1:${portOf(proxy)}` };
    expect(await ask({ url, caFile: certificates.caFile }, { proxies })).toBe('done');
    expect(proxied).toEqual([`CONNECT secure.test:${portOf(secure)}`]);
    await open?.close();
    expect(await ask({ url }, { proxies })).toMatch(/^http-connection: TLS: the certificate of secure.test/);
  });

  test.each([
    ['a host in noProxy', { noProxy: 'example.com, rules.test' }],
    ['the other scheme', { httpProxy: undefined, httpsProxy: 'http://127.0.0.1:1' }],
  ])('is not asked for %s', async (_, proxies) => {
    const given = { httpProxy: proxyUrl(), ...proxies };
    expect(await ask({ url: 'http://rules.test/', timeoutMs: 3_000 }, { proxies: given })).not.toBe('done');
    expect(proxied).toEqual([]);
  });

  test.each(['localhost', '127.0.0.1'])('is not asked for %s, which is this machine', async (host) => {
    const url = `http://${host}:${new URL(plain.origin).port}/`;
    expect(await ask({ url }, { proxies: { httpProxy: proxyUrl() } })).toBe('done');
    expect(proxied).toEqual([]);
  });

  test('whose address is none is refused at start, without showing it', async () => {
    const proxies = { httpProxy: 'socks5://secret@h' };
    await expect(ask({ url: 'http://rules.test/' }, { proxies })).rejects.toThrow(
      'chain/0/http/url: goes through a proxy whose address is not a URL',
    );
  });

  test('variables of the process are not read', async () => {
    process.env.HTTP_PROXY = 'http://127.0.0.1:1';
    try {
      const proxies = { httpProxy: proxyUrl() };
      expect(await ask({ url: `${plain.origin}/` })).toBe('done');
      await open?.close();
      expect(await ask({ url: 'http://rules.test/' }, { proxies })).toBe('done');
    } finally {
      delete process.env.HTTP_PROXY;
    }
  });
});

describe('publicAddressesOnly', () => {
  test('connects to no name that leads to this machine', async () => {
    const url = `http://localhost:${new URL(plain.origin).port}/`;
    expect(await ask({ url, publicAddressesOnly: true })).toMatch(
      /^http-connection: address refused: localhost is (127\.0\.0\.1|::1), which is not a public address$/,
    );
    await open?.close();
    expect(await ask({ url })).toBe('done');
  });

  test('does not leave it to a proxy', async () => {
    const url = `http://localhost:${new URL(plain.origin).port}/`;
    const proxies = { httpProxy: `http://127.0.0.1:${portOf(proxy)}` };
    expect(await ask({ url, publicAddressesOnly: true }, { proxies })).toContain('address refused');
    expect(proxied).toEqual([]);
  });
});

describe('connections', () => {
  test('are kept, and given up after keepAliveMs', async () => {
    const closed = new Set<number>();
    const keeping = async (keepAliveMs: number): Promise<CheckChain> => {
      const opened = (s: Socket): void => void s.once('close', () => closed.add(keepAliveMs));
      plain.server.on('connection', opened);
      await ask({ url: `${plain.origin}/`, keepAliveMs });
      const again = async () => await open?.run({ word: 'w', id: 'i', attempt: 1 }, []);
      await again();
      plain.server.off('connection', opened);
      const before = sockets;
      for (let i = 0; keepAliveMs > 1_000 && i < 5; i++) await again();
      expect(sockets - before).toBe(0);
      return open as CheckChain;
    };
    const long = await keeping(250_000);
    await keeping(50);
    await until('a connection that is given up', () => closed.size > 0);
    expect([...closed]).toEqual([50]);
    await long.close();
  });

  test('are at most as many as there are calls at once', async () => {
    const before = sockets;
    await ask({ url: `${plain.origin}/`, concurrency: 3 });
    const runs = Array.from({ length: 30 }, (_, key) =>
      open?.run({ word: 'w', id: 'i', attempt: 1, key }, []),
    );
    await Promise.all(runs);
    expect(sockets - before).toBe(3);
  });
});

describe('Retry-After', () => {
  const run = async (n: number): Promise<CheckOutcome[]> => {
    const { origin } = plain;
    const clock = { ...manualClock(), after: systemClock.after };
    open = await createChain([{ http: { url: `${origin}/`, breakerFailures: 2 } }], {
      readFile: String,
      clock,
    });
    const outcomes: CheckOutcome[] = [];
    for (let key = 0; key < n; key++)
      outcomes.push((await open.run({ word: 'w', id: 'i', attempt: 1, key }, [])) as never);
    return outcomes;
  };

  test('of 429 is passed on, and such answers do not open the circuit', async () => {
    [status, retryAfter] = [429, '5'];
    const outcomes = await run(5);
    for (const o of outcomes) expect(o).toMatchObject({ reason: 'http-429', afterMs: 5_000 });
    expect(outcomes[0]).toMatchObject({ detail: 'answered 429: {"answer":true} (asked to wait 5 s)' });
  });

  test('of 503 is passed on too; they open it, as 429 without a time does', async () => {
    [status, retryAfter] = [503, '5'];
    expect(await run(3)).toMatchObject([{ afterMs: 5_000 }, { afterMs: 5_000 }, { reason: 'circuit-open' }]);
    await open?.close();
    [status, retryAfter] = [429, undefined];
    expect((await run(3)).at(-1)).toMatchObject({ reason: 'circuit-open' });
  });
});
