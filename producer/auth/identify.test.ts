import { describe, expect, test } from '@jest/globals';
import { createHash, timingSafeEqual } from 'node:crypto';
import { SCOPES, type Identity, type Scope } from './caller.ts';
import { anonymousScopes, createIdentify, isLoopback, openness } from './identify.ts';
import { createTokens, type Token } from './tokens.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const tokenOf = (principal: string, scopes?: readonly Scope[]): Token => ({
  ...{ principal, sha256: Buffer.from(sha256(Buffer.from(`${principal}-secret`))).toString('hex') },
  ...(scopes === undefined ? {} : { scopes }),
});
const tokens = createTokens([tokenOf('shop'), tokenOf('ops', ['operate'])], {
  sha256,
  equal: timingSafeEqual,
});
const whoOf = (identity: Identity | Promise<Identity>): unknown => {
  if (identity instanceof Promise) return 'a signature is checked';
  if (!identity.ok) return identity.code;
  return [identity.caller.principal, [...identity.caller.scopes]];
};

describe('by hashed tokens', () => {
  const identify = createIdentify({ tokens, jwts: undefined, anonymous: [] });
  test.each<[string | undefined, unknown]>([
    // A client without scopes may what clients could before there were any, for its own words.
    ['Bearer shop-secret', ['shop', ['submit', 'read']]],
    ['bearer   ops-secret', ['ops', ['operate']]],
    ['Bearer shop-secret2', 'UNAUTHENTICATED'],
    ['Basic shop-secret', 'UNAUTHENTICATED'],
    ['Bearer ', 'UNAUTHENTICATED'],
    [undefined, 'UNAUTHENTICATED'],
    // Nobody has told where its keys are.
    ['Bearer a.b.c', 'UNAUTHENTICATED'],
  ])('%s is %j', (authorization, who) => {
    expect(whoOf(identify(authorization))).toEqual(who);
  });
});

test('some things may be open beside tokens; a token that is not known is refused all the same', () => {
  const identify = createIdentify({ tokens, jwts: undefined, anonymous: ['submit'] });
  expect(whoOf(identify(undefined))).toEqual(['anonymous', ['submit']]);
  for (const wrong of ['Bearer wrong', 'Basic x', 'Bearer '])
    expect(whoOf(identify(wrong))).toBe('UNAUTHENTICATED');
});

test('where nothing could be known, what is sent means nothing', () => {
  const identify = createIdentify({ tokens: undefined, jwts: undefined, anonymous: ['submit'] });
  expect(whoOf(identify('Bearer whatever'))).toEqual(['anonymous', ['submit']]);
});

test('what looks like a JWT is checked as one, unless it is a token', () => {
  const identify = createIdentify({
    tokens,
    jwts: { verify: () => Promise.resolve({ ok: false, code: 'UNAUTHENTICATED' }) },
    anonymous: [],
  });
  expect(whoOf(identify('Bearer aa.bb.cc'))).toBe('a signature is checked');
  expect(whoOf(identify('Bearer aa.bb'))).toBe('UNAUTHENTICATED');
  expect(whoOf(identify('Bearer shop-secret'))).toEqual(['shop', ['submit', 'read']]);
});

describe('without tokens', () => {
  const open = { host: '0.0.0.0', tokens: [] };
  test.each(['localhost', 'LOCALHOST', 'Localhost', '127.0.0.1', '127.8.0.9', '::1'])(
    'everything is open on %s',
    (host) => {
      expect(isLoopback(host)).toBe(true);
      expect(anonymousScopes({ ...open, host })).toEqual(SCOPES);
      expect(openness({ ...open, host })?.level).toBe('info');
    },
  );
  test.each(['0.0.0.0', '::', '10.0.0.1', 'edge', '128.0.0.1', '127.0.0.1.example'])(
    'on %s, operators are not, and it is said',
    (host) => {
      expect(anonymousScopes({ ...open, host })).toEqual(['submit', 'read']);
      expect(openness({ ...open, host })).toMatchObject({
        level: 'warn',
        text: expect.stringContaining(host),
      });
    },
  );
  test('what is configured counts', () => {
    expect(anonymousScopes({ ...open, anonymousScopes: ['operate'] })).toEqual(['operate']);
    expect(openness({ ...open, anonymousScopes: [] })).toBeUndefined();
  });
  test.each([
    { ...open, host: '127.0.0.1', tokens: [{}] },
    { ...open, host: '127.0.0.1', jwtIssuer: 'https://issuer' },
  ])('with tokens or an issuer, nothing is open: %j', (c) => {
    expect(anonymousScopes(c)).toEqual([]);
    expect(openness(c)).toBeUndefined();
  });
});
