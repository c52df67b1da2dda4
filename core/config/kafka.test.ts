import { describe, expect, test } from '@jest/globals';
import Type from 'typebox';
import { loadConfig, type Problem } from './config.ts';
import { isServiceError } from '../errors.ts';
import {
  kafkaConnection,
  kafkaFields,
  kafkaRules,
  registryFields,
  registryOptions,
  registryRules,
} from './kafka.ts';

const schema = Type.Object({ ...kafkaFields, ...registryFields });
const needed = { VERDIKT_BROKERS: 'b:9092', SCHEMA_REGISTRY_URL: 'http://r:8080/apis' };
const file = (path: string): string => `content of ${path}\n`;
const load = (env: Record<string, string>) =>
  loadConfig(schema, { ...needed, ...env }, file, [...kafkaRules, ...registryRules]);
const says = (env: Record<string, string>): string[] => {
  try {
    load(env);
  } catch (e) {
    if (isServiceError(e, 'CONFIG_INVALID')) return (e.details.problems as Problem[]).map((p) => p.problem);
    throw e;
  }
  return [];
};

describe('rules', () => {
  test.each([
    ['each broker', { VERDIKT_BROKERS: 'b:9092,nohost' }],
    ['each broker', { VERDIKT_BROKERS: 'b:70000' }],
    ['each broker', { VERDIKT_BROKERS: 'http://b:1' }],
    ['TLS settings need', { VERDIKT_KAFKA_TLS_CA_FILE: '/ca' }],
    ['go together', { VERDIKT_KAFKA_TLS_ENABLED: 'true', VERDIKT_KAFKA_TLS_KEY_FILE: '/k' }],
    ['plain and scram', { VERDIKT_KAFKA_SASL_MECHANISM: 'plain', VERDIKT_KAFKA_SASL_USERNAME: 'u' }],
    ['plain and scram', { VERDIKT_KAFKA_SASL_USERNAME: 'u' }],
    ['plain and scram', { VERDIKT_KAFKA_SASL_MECHANISM: 'oauthbearer', VERDIKT_KAFKA_SASL_PASSWORD: 'p' }],
    ['go together', { VERDIKT_SCHEMA_REGISTRY_USERNAME: 'u' }],
  ])('%s: %j', (text, env) => {
    expect(says(env)).toEqual([expect.stringContaining(text)]);
  });

  test('an IPv6 broker in brackets is fine', () => {
    expect(says({ VERDIKT_BROKERS: '[::1]:9092,b-1.x:1' })).toEqual([]);
  });
});

describe('kafkaConnection', () => {
  test('is plain by default', () => {
    const plain = {
      brokers: ['b:9092'],
      clientId: 'verdikt',
      connectionTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
    };
    expect(kafkaConnection(load({}), file)).toEqual(plain);
  });

  test('reads certificates, and the token again for each login', async () => {
    const c = load({
      VERDIKT_KAFKA_TLS_ENABLED: 'true',
      VERDIKT_KAFKA_TLS_CA_FILE: '/ca',
      VERDIKT_KAFKA_TLS_CERT_FILE: '/cert',
      VERDIKT_KAFKA_TLS_KEY_FILE: '/key',
      VERDIKT_KAFKA_SASL_MECHANISM: 'oauthbearer',
      VERDIKT_KAFKA_SASL_TOKEN_FILE: '/token',
    });
    let reads = 0;
    const connection = kafkaConnection(c, (path) => (path === '/token' ? `t${reads++}\n` : file(path)));
    expect(connection.tls).toEqual({ ca: file('/ca'), cert: file('/cert'), key: file('/key') });
    expect(connection.sasl).toMatchObject({ mechanism: 'oauthbearer' });
    const { token } = connection.sasl as unknown as { token: () => Promise<{ value: string }> };
    expect([await token(), await token()]).toEqual([{ value: 't1' }, { value: 't2' }]);
  });

  test('scram takes its password from a file', () => {
    const c = load({
      VERDIKT_KAFKA_SASL_MECHANISM: 'scram-sha-512',
      VERDIKT_KAFKA_SASL_USERNAME: 'u',
      VERDIKT_KAFKA_SASL_PASSWORD_FILE: '/p',
    });
    expect(kafkaConnection(c, file).sasl).toEqual({
      mechanism: 'scram-sha-512',
      username: 'u',
      password: 'content of /p',
    });
  });

  test('a certificate that cannot be read is CONFIG_INVALID and names the field', () => {
    const c = load({ VERDIKT_KAFKA_TLS_ENABLED: 'true', VERDIKT_KAFKA_TLS_CA_FILE: '/ca' });
    const none = (): string => {
      throw new Error('gone');
    };
    expect(() => kafkaConnection(c, none)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', details: { field: 'kafkaTlsCaFile' } }),
    );
  });
});

test('registryOptions carries the login only where there is one', () => {
  expect(registryOptions(load({}))).toEqual({ url: 'http://r:8080/apis', timeLimitMs: 5_000 });
  const env = { VERDIKT_SCHEMA_REGISTRY_USERNAME: 'u', VERDIKT_SCHEMA_REGISTRY_PASSWORD: 'p' };
  expect(registryOptions(load(env)).auth).toEqual({ username: 'u', password: 'p' });
});
