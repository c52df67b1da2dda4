import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { Identity } from './caller.ts';
import { createJwts, type Jwts } from './jwt.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
const [ISSUER, AUDIENCE] = ['https://issuer', 'verdikt'];
const OPTIONS = {
  ...{ issuer: ISSUER, audience: AUDIENCE, jwksUrl: 'https://issuer/keys', algorithms: ['RS256', 'ES256'] },
  ...{ principalClaim: 'sub', scopesClaim: 'scope' },
};
const pairs = new Map<string, Pair>();
/** Kid to public key, as the issuer has them. */
let published: Record<string, JWK>;
let away: boolean;
let asked: number;
let clock: ManualClock;
let jwts: Jwts;

const publish = async (kid: string, alg: string): Promise<void> => {
  const pair = pairs.get(kid) ?? (await generateKeyPair(alg, { extractable: true }));
  pairs.set(kid, pair);
  published[kid] = { ...(await exportJWK(pair.publicKey)), kid, alg };
};
const seconds = (): number => Math.floor(clock.now() / 1_000);
const sign = (claims: Record<string, unknown> = {}, kid = 'a', alg = 'RS256'): Promise<string> =>
  new SignJWT({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: 'shop',
    scope: 'submit read',
    exp: seconds() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg, kid })
    .sign(pairs.get(kid)?.privateKey as Pair['privateKey']);
const open = (options = {}): Jwts =>
  createJwts({
    ...{ options: { ...OPTIONS, ...options }, clock, log: silentLog },
    fetch: () => {
      asked++;
      return away
        ? Promise.reject(new TypeError('fetch failed'))
        : Promise.resolve(new Response(JSON.stringify({ keys: Object.values(published) })));
    },
  });
const said = (i: Identity): unknown =>
  i.ok ? [i.caller.principal, [...i.caller.scopes]] : (i.detail ?? i.code);
const verified = async (token: string | Promise<string>): Promise<unknown> =>
  said(await jwts.verify(await token));

beforeAll(async () => {
  published = {};
  await publish('a', 'RS256');
  await publish('b', 'ES256');
  await publish('ps', 'PS256');
});
beforeEach(async () => {
  published = {};
  [away, asked] = [false, 0];
  clock = manualClock(Date.now());
  await publish('a', 'RS256');
  jwts = open();
});

test('a token of the issuer is its client, with the scopes that are ours, until it ends', async () => {
  const identity = await jwts.verify(await sign({ scope: 'openid submit read:all', exp: 4_000_000_000 }));
  expect(said(identity)).toEqual(['shop', ['submit', 'read:all']]);
  expect(identity).toMatchObject({ caller: { until: 4_000_000_000_000 } });
  expect(await verified(sign({ scope: ['operate', 7, 'other'] }))).toEqual(['shop', ['operate']]);
  expect(await verified(sign({ scope: undefined }))).toEqual(['shop', []]);
});

test('other claims may name the client and its scopes', async () => {
  jwts = open({ principalClaim: 'client_id', scopesClaim: 'roles' });
  expect(await verified(sign({ client_id: 'till', roles: ['read'] }))).toEqual(['till', ['read']]);
});

describe('refuses a token', () => {
  const later = 120;
  test.each<[string, () => Promise<string>, RegExp]>([
    ['of another issuer', () => sign({ iss: 'https://other' }), /iss/],
    ['for another audience', () => sign({ aud: 'other' }), /aud/],
    ['that has expired', () => sign({ exp: seconds() - later }), /expired/],
    ['that does not end', () => sign({ exp: undefined }), /exp/],
    ['that does not count yet', () => sign({ nbf: seconds() + later }), /nbf/],
    ['of nobody', () => sign({ sub: undefined }), /sub/],
    ['of a client with a name of blanks', () => sign({ sub: 'a b' }), /sub/],
    ['of a client that is called as nobody is', () => sign({ sub: 'anonymous' }), /sub/],
    [
      'of an algorithm that is not allowed',
      () => publish('ps', 'PS256').then(() => sign({}, 'ps', 'PS256')),
      /algorithm/,
    ],
    ['whose signature is not right', () => sign().then((t) => `${t.slice(0, -8)}AAAAAAAA`), /valid/],
    ['that is none', () => Promise.resolve('a.b.c'), /valid/],
    [
      'without a signature',
      () => Promise.resolve(`${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`),
      /valid|allowed/,
    ],
  ])('%s', async (_, make, why) => {
    const identity = await jwts.verify(await make());
    expect(identity).toMatchObject({
      ok: false,
      code: 'UNAUTHENTICATED',
      detail: expect.stringMatching(why),
    });
  });
});

test('keys are read once, and again for one that is not known, but not before the cooldown is over', async () => {
  for (let i = 0; i < 5; i++) expect(await verified(sign())).toEqual(['shop', ['submit', 'read']]);
  expect(asked).toBe(1);
  await publish('b', 'ES256');
  // The library cools down by its own clock.
  expect(await verified(sign({}, 'b', 'ES256'))).toMatch(/No key/);
  expect(asked).toBe(1);
});

test('while the issuer is away, keys that were read go on to count; it is not asked at each request', async () => {
  jwts.start();
  expect(await verified(sign())).toEqual(['shop', ['submit', 'read']]);
  away = true;
  for (let i = 0; i < 3; i++) {
    clock.advance(10 * 60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(asked).toBe(4);
  expect(await verified(sign())).toEqual(['shop', ['submit', 'read']]);
  jwts.stop();
});

test('where no key was ever read, that is the answer, and the issuer is left alone for a while', async () => {
  away = true;
  for (let i = 0; i < 5; i++) expect(await verified(sign())).toBe('KEYS_UNAVAILABLE');
  expect(asked).toBe(1);
  away = false;
  clock.advance(30_000);
  expect(await verified(sign())).toEqual(['shop', ['submit', 'read']]);
});

test('keys that were withdrawn end with the next read', async () => {
  jwts.start();
  expect(await verified(sign())).toEqual(['shop', ['submit', 'read']]);
  published = {};
  await publish('b', 'ES256');
  clock.advance(10 * 60_000);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(await verified(sign())).toMatch(/No key/);
  jwts.stop();
});
