import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serveHttp, type HttpServer } from '@verdikt/test/support/http-server.ts';
import { askToken } from './oauth-client.ts';

const NOW = 1_000_000;
let http: HttpServer;
let answer: [status: number, body: string, headers?: Record<string, string>];
let seen: unknown[];
beforeAll(async () => {
  http = await serveHttp((request, response, body) => {
    const { authorization, 'content-type': type } = request.headers;
    seen.push([
      request.method,
      request.url,
      authorization,
      type,
      Object.fromEntries(new URLSearchParams(String(body))),
    ]);
    const [status, text, headers] = answer;
    if (status > 0) response.writeHead(status, headers).end(text);
  });
});
afterAll(() => http.stop());

const jwt = (claims: object): string =>
  ['{"alg":"none"}', JSON.stringify(claims), ''].map((p) => Buffer.from(p).toString('base64url')).join('.');
const ask = (more: object = {}, timeLimitMs = 5_000) => {
  seen = [];
  return askToken(
    { tokenUrl: `${http.origin}/token`, clientId: 'words', clientSecret: 'a b:c%', ...more },
    { clock: { now: () => NOW, after: () => () => undefined }, timeLimitMs },
  );
};

describe('a token', () => {
  test('is asked for with the client credentials', async () => {
    answer = [200, '{"access_token":"abc.def","expires_in":3600,"token_type":"Bearer"}'];
    expect(await ask({ scope: 'kafka read' })).toEqual({ value: 'abc.def', expiresAt: NOW + 3_600_000 });
    const basic = `Basic ${Buffer.from('words:a+b%3Ac%25').toString('base64')}`;
    const form = { grant_type: 'client_credentials', scope: 'kafka read' };
    expect(seen).toEqual([['POST', '/token', basic, 'application/x-www-form-urlencoded', form]]);
  });

  test('says itself when it ends, where the endpoint does not', async () => {
    answer = [200, JSON.stringify({ access_token: jwt({ exp: 5_000 }) })];
    expect((await ask()).expiresAt).toBe(5_000_000);
    answer = [200, '{"access_token":"opaque"}'];
    expect((await ask()).expiresAt).toBeUndefined();
  });

  test.each<[string, typeof answer, string, RegExp]>([
    [
      'a client that is refused',
      [401, '{"error":"invalid_client","error_description":"no such\\nclient"}'],
      'ACCESS_DENIED',
      /refuses the client with 401: invalid_client: no such client\. Check kafkaOauthClientId/,
    ],
    ['a wrong scope', [400, '{"error":"invalid_scope"}'], 'ACCESS_DENIED', /400: invalid_scope/],
    ['a busy endpoint', [429, ''], 'BROKER_UNAVAILABLE', /answered 429/],
    ['a failing one', [503, '<html>'], 'BROKER_UNAVAILABLE', /answered 503$/],
    ['a redirect', [302, '', { location: '/elsewhere' }], 'BROKER_UNAVAILABLE', /answered 302/],
    ['no token', [200, '{"token":"x"}'], 'BROKER_UNAVAILABLE', /gave no access_token/],
    ['one that is none', [200, '{"access_token":"a\\u0001b"}'], 'BROKER_UNAVAILABLE', /gave no access_token/],
    ['no JSON', [200, 'hello'], 'BROKER_UNAVAILABLE', /gave no access_token/],
    ['too much', [200, 'x'.repeat(300_000)], 'BROKER_UNAVAILABLE', /the answer is too long/],
  ])('%s is said, without secrets', async (_, given, code, message) => {
    answer = given;
    const error = await ask().catch((e: unknown) => e as Error);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
    expect(seen).toHaveLength(1);
    expect((error as Error).message).toContain(`${http.origin}/token`);
    expect((error as Error).message).not.toContain('a b:c');
  });

  test('that does not come in time, or from nowhere, is said', async () => {
    answer = [0, ''];
    await expect(ask({}, 50)).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringContaining('no answer in time') as unknown,
    });
    const gone = await serveHttp(() => undefined);
    await gone.stop();
    await expect(ask({ tokenUrl: `${gone.origin}/t` })).rejects.toMatchObject({
      code: 'BROKER_UNAVAILABLE',
      message: expect.stringMatching(/refused: nothing listens at .* \(ECONNREFUSED\)/) as unknown,
    });
  });
});
