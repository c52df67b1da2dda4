import { describe, expect, test } from '@jest/globals';
import { loadEdgeConfig } from './config.ts';

const SHA = 'a'.repeat(64);
const load = (env: Record<string, string> = {}) =>
  loadEdgeConfig({ KAFKA_BROKERS: 'a:1', SCHEMA_REGISTRY_URL: 'http://r', ...env }, () => '');
const JWT = {
  VERDIKT_JWT_ISSUER: 'https://issuer',
  VERDIKT_JWT_AUDIENCE: 'verdikt',
  VERDIKT_JWT_JWKS_URL: 'https://issuer/keys',
};
const tokens = (...list: object[]) => ({ VERDIKT_TOKENS: JSON.stringify(list) });

test('tokens as they were go on to work; scopes may be added', () => {
  const { tokens: read } = load(
    tokens({ principal: 'shop', sha256: SHA }, { principal: 'ops', sha256: SHA, scopes: ['operate'] }),
  );
  expect(read).toEqual([
    { principal: 'shop', sha256: SHA },
    { principal: 'ops', sha256: SHA, scopes: ['operate'] },
  ]);
});

test('lists may have commas between', () => {
  const c = load({
    ...JWT,
    VERDIKT_ANONYMOUS_SCOPES: 'submit,read:all',
    VERDIKT_JWT_ALGORITHMS: 'ES256,EdDSA',
  });
  expect([c.anonymousScopes, c.jwtAlgorithms]).toEqual([
    ['submit', 'read:all'],
    ['ES256', 'EdDSA'],
  ]);
  expect(load({ ...JWT, VERDIKT_JWT_JWKS_URL: 'http://127.0.0.1:8080/keys' }).jwtJwksUrl).toContain(
    '127.0.0.1',
  );
});

test('names of the edge are those that a network knows, of services of Docker too', () => {
  const names = ['my_edge', 'Edge.example.', '10.0.0.3', '[fd00::1]'];
  expect(load({ VERDIKT_HOST_NAMES: names.join() }).hostNames).toEqual(names);
});

describe('is refused, by the name of the field:', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'an issuer without keys',
      { VERDIKT_JWT_ISSUER: 'https://issuer', VERDIKT_JWT_AUDIENCE: 'v' },
      /jwtJwksUrl/,
    ],
    ['keys without an issuer', { VERDIKT_JWT_JWKS_URL: 'https://issuer/keys' }, /jwtIssuer/],
    [
      'keys that anybody on the way can replace',
      { ...JWT, VERDIKT_JWT_JWKS_URL: 'http://issuer/keys' },
      /https/,
    ],
    ['an algorithm with a shared secret', { ...JWT, VERDIKT_JWT_ALGORITHMS: 'HS256' }, /jwtAlgorithms/],
    ['no algorithm at all', { ...JWT, VERDIKT_JWT_ALGORITHMS: 'none' }, /jwtAlgorithms/],
    ['a scope that is none', { VERDIKT_ANONYMOUS_SCOPES: 'submit,admin' }, /anonymousScopes/],
    ['a token with a scope that is none', tokens({ principal: 'p', sha256: SHA, scopes: ['all'] }), /scopes/],
    ['a client that is called as nobody is', tokens({ principal: 'anonymous', sha256: SHA }), /anonymous/],
    [
      'a login of operators without its password',
      { VERDIKT_OPERATOR_SASL_USERNAME: 'ops' },
      /operatorSaslPassword/,
    ],
    ['an endpoint for metrics that is no URL', { VERDIKT_METRICS_ENDPOINT: 'http://' }, /metricsEndpoint/],
    [
      'an endpoint for spans that is no URL',
      { VERDIKT_TRACING_ENDPOINT: 'http://o:65536' },
      /tracingEndpoint/,
    ],
    ['a name with a port', { VERDIKT_HOST_NAMES: 'edge.example:80' }, /hostNames/],
    ['processors that are no addresses', { VERDIKT_OPERATOR_PROCESSORS: 'host:9464' }, /operatorProcessors/],
  ])('%s', (_, env, message) => {
    expect(() => load(env)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
    );
  });
});
