import { describe, expect, test } from '@jest/globals';
import { isServiceError } from '../errors.ts';
import { Type } from './fields.ts';
import { loadConfig } from './config.ts';
import { kafkaConnection, kafkaFields, kafkaRules } from './kafka.ts';

const schema = Type.Object({ ...kafkaFields }, { title: 'test' });
const load = (env: Record<string, string>) =>
  loadConfig(schema, { KAFKA_BROKERS: 'b:9092', ...env }, (path) => `content of ${path}`, kafkaRules);
const says = (env: Record<string, string>): string => {
  try {
    load(env);
    return '';
  } catch (e) {
    if (isServiceError(e)) return e.message;
    throw e;
  }
};
const sasl = (env: Record<string, string>) => kafkaConnection(load(env), (p) => `content of ${p}`).sasl;

const MECHANISM = { VERDIKT_KAFKA_SASL_MECHANISM: 'oauthbearer' };
const CLIENT = {
  ...MECHANISM,
  VERDIKT_KAFKA_OAUTH_TOKEN_URL: 'https://idp/token',
  VERDIKT_KAFKA_OAUTH_CLIENT_ID: 'words',
  VERDIKT_KAFKA_OAUTH_CLIENT_SECRET_FILE: '/secret',
};
const IAM = { VERDIKT_KAFKA_SASL_MECHANISM: 'aws-msk-iam', AWS_REGION: 'eu-west-1' };
const TLS = { VERDIKT_KAFKA_TLS_ENABLED: 'true' };

describe('a token endpoint', () => {
  test('is taken with client, secret, scope and extensions', () => {
    const extensions = '{"logicalCluster":"lkc-1"}';
    expect(
      sasl({ ...CLIENT, VERDIKT_KAFKA_OAUTH_SCOPE: 's', VERDIKT_KAFKA_OAUTH_EXTENSIONS: extensions }),
    ).toEqual({
      mechanism: 'oauthbearer',
      client: {
        tokenUrl: 'https://idp/token',
        clientId: 'words',
        clientSecret: 'content of /secret',
        scope: 's',
      },
      extensions: { logicalCluster: 'lkc-1' },
    });
  });

  test('extensions go with a token file too', async () => {
    const login = sasl({
      ...MECHANISM,
      VERDIKT_KAFKA_SASL_TOKEN_FILE: '/t',
      VERDIKT_KAFKA_OAUTH_EXTENSIONS: '{"a":"b"}',
    }) as { token: () => Promise<unknown> };
    expect(await login.token()).toEqual({ value: 'content of /t', extensions: { a: 'b' } });
  });

  test.each([
    [{ ...CLIENT, VERDIKT_KAFKA_SASL_TOKEN_FILE: '/t' }, 'needs a token file or kafkaOauthTokenUrl'],
    [MECHANISM, 'needs a token file or kafkaOauthTokenUrl'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_CLIENT_ID: '' }, 'go together'],
    [{ ...MECHANISM, VERDIKT_KAFKA_SASL_TOKEN_FILE: '/t', VERDIKT_KAFKA_OAUTH_SCOPE: 's' }, 'only with them'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_TOKEN_URL: 'http://idp/token' }, 'must be a URL without credentials'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_TOKEN_URL: 'https://u:p@idp/' }, 'must be a URL without credentials'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_EXTENSIONS: '{"auth":"x"}' }, 'kafkaOauthExtensions'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_EXTENSIONS: '{"a":"\\u0001"}' }, 'kafkaOauthExtensions'],
    [{ ...CLIENT, VERDIKT_KAFKA_OAUTH_EXTENSIONS: '{"a":1}' }, 'kafkaOauthExtensions'],
    [{ ...IAM, ...TLS, VERDIKT_KAFKA_OAUTH_EXTENSIONS: '{"a":"b"}' }, 'go with oauthbearer'],
  ])('%j: %s', (env, message) => expect(says(env)).toContain(message));

  test('may be on this machine without TLS', () => {
    expect(says({ ...CLIENT, VERDIKT_KAFKA_OAUTH_TOKEN_URL: 'http://127.0.0.1:8080/token' })).toBe('');
  });
});

describe('IAM of AWS', () => {
  test('needs region and TLS, and nothing else', () => {
    expect(sasl({ ...IAM, ...TLS })).toEqual({ mechanism: 'aws-msk-iam', region: 'eu-west-1' });
    expect(says(IAM)).toContain('aws-msk-iam needs kafkaAwsRegion and kafkaTlsEnabled');
    expect(says({ ...IAM, ...TLS, AWS_REGION: '' })).toContain('aws-msk-iam needs kafkaAwsRegion');
    expect(says({ ...IAM, ...TLS, VERDIKT_KAFKA_SASL_USERNAME: 'u' })).toContain('aws-msk-iam needs none');
  });

  test('a region that is set for other reasons disturbs nobody', () => {
    expect(says({ AWS_REGION: 'eu-west-1' })).toBe('');
  });
});
