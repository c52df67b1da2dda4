import Type, { type Static } from 'typebox';
import type { Rule } from './config.ts';

/** How a client logs in to Kafka. */
export const loginFields = {
  kafkaSaslMechanism: Type.Optional(
    Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer', 'aws-msk-iam'], {
      description:
        'SASL mechanism for brokers. Without it, there is no login. `aws-msk-iam` is that of Amazon MSK.',
    }),
  ),
  kafkaSaslUsername: Type.Optional(
    Type.String({ minLength: 1, description: 'User for `plain` and `scram-*`.' }),
  ),
  kafkaSaslPassword: Type.Optional(
    Type.String({ minLength: 1, secret: true, description: 'Password for `plain` and `scram-*`.' }),
  ),
  kafkaSaslTokenFile: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'File with the token for `oauthbearer`. It is read at every login, so it may be renewed in place.',
    }),
  ),
  kafkaOauthTokenUrl: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'Token endpoint for `oauthbearer`, in place of a token file. Tokens are asked for with the client credentials and replaced before they end.',
    }),
  ),
  kafkaOauthClientId: Type.Optional(
    Type.String({ minLength: 1, description: 'Client for the token endpoint.' }),
  ),
  kafkaOauthClientSecret: Type.Optional(
    Type.String({ minLength: 1, secret: true, description: 'Secret of the client.' }),
  ),
  kafkaOauthScope: Type.Optional(
    Type.String({ minLength: 1, description: 'Scope to ask for, where the token endpoint needs one.' }),
  ),
  kafkaOauthExtensions: Type.Optional(
    Type.Unsafe<Readonly<Record<string, string>>>({
      type: 'object',
      propertyNames: { pattern: '^(?!auth$)[A-Za-z]+$' },
      additionalProperties: { type: 'string', pattern: '^[\\t\\n\\r\\x20-\\x7e]+$' },
      description:
        'SASL extensions that go with each token of `oauthbearer`, as JSON: `{"logicalCluster": "lkc-1", "identityPoolId": "pool-1"}`.',
    }),
  ),
  kafkaAwsRegion: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9-]+$',
      alias: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
      description:
        'Region of the MSK cluster for `aws-msk-iam`. Credentials are looked for as in the SDKs of AWS: variables, role of the pod, task or instance, profiles.',
    }),
  ),
} as const;

export interface LoginSettings {
  readonly kafkaTlsEnabled: boolean;
  readonly kafkaSaslMechanism?: SaslMechanism;
  readonly kafkaSaslUsername?: string;
  readonly kafkaSaslPassword?: string;
  readonly kafkaSaslTokenFile?: string;
  readonly kafkaOauthTokenUrl?: string;
  readonly kafkaOauthClientId?: string;
  readonly kafkaOauthClientSecret?: string;
  readonly kafkaOauthScope?: string;
  readonly kafkaOauthExtensions?: Readonly<Record<string, string>>;
  readonly kafkaAwsRegion?: string;
}
type SaslMechanism = Static<(typeof loginFields)['kafkaSaslMechanism']>;

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const isSafe = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || LOOPBACK.test(url.hostname);
};

/** Rules between the fields above. */
export const loginRules: readonly Rule<LoginSettings>[] = [
  {
    fields: ['kafkaSaslMechanism', 'kafkaSaslUsername', 'kafkaSaslPassword', 'kafkaSaslTokenFile'],
    says: 'plain and scram-* need a user and a password, oauthbearer needs a token file or kafkaOauthTokenUrl, aws-msk-iam needs none of them; without a mechanism, none of them may be set',
    remedy: 'set what the mechanism needs and remove the rest',
    holds: (c) => {
      const user = c.kafkaSaslUsername !== undefined;
      const password = c.kafkaSaslPassword !== undefined;
      const token = c.kafkaSaslTokenFile !== undefined;
      const endpoint = c.kafkaOauthTokenUrl !== undefined;
      switch (c.kafkaSaslMechanism) {
        case undefined:
        case 'aws-msk-iam':
          return !user && !password && !token && !endpoint;
        case 'oauthbearer':
          return token !== endpoint && !user && !password;
        default:
          return user && password && !token && !endpoint;
      }
    },
  },
  {
    fields: ['kafkaOauthTokenUrl', 'kafkaOauthClientId', 'kafkaOauthClientSecret', 'kafkaOauthScope'],
    says: 'kafkaOauthTokenUrl, kafkaOauthClientId and kafkaOauthClientSecret go together, kafkaOauthScope only with them',
    remedy: 'set all three, or none',
    holds: (c) => {
      const url = c.kafkaOauthTokenUrl !== undefined;
      const all = [c.kafkaOauthClientId, c.kafkaOauthClientSecret].every((v) => (v !== undefined) === url);
      return all && (url || c.kafkaOauthScope === undefined);
    },
  },
  {
    fields: ['kafkaOauthTokenUrl'],
    says: 'kafkaOauthTokenUrl must be a URL without credentials, https:// but on this machine: the client secret goes there',
    remedy: 'write https://host/path',
    holds: (c) => c.kafkaOauthTokenUrl === undefined || isSafe(c.kafkaOauthTokenUrl),
  },
  {
    fields: ['kafkaOauthExtensions', 'kafkaSaslMechanism'],
    says: 'kafkaOauthExtensions go with oauthbearer',
    remedy: 'remove them, or set kafkaSaslMechanism to oauthbearer',
    holds: (c) => c.kafkaOauthExtensions === undefined || c.kafkaSaslMechanism === 'oauthbearer',
  },
  {
    fields: ['kafkaAwsRegion', 'kafkaSaslMechanism', 'kafkaTlsEnabled'],
    says: 'aws-msk-iam needs kafkaAwsRegion and kafkaTlsEnabled',
    remedy: 'set both',
    holds: (c) =>
      c.kafkaSaslMechanism !== 'aws-msk-iam' || (c.kafkaAwsRegion !== undefined && c.kafkaTlsEnabled),
  },
];

/** The login that the settings describe; undefined: none. `read` gives the text of the token file. */
export const loginOf = (c: LoginSettings, read: (path: string) => string) => {
  const { kafkaSaslMechanism: mechanism, kafkaSaslTokenFile: file = '' } = c;
  if (mechanism === undefined) return undefined;
  if (mechanism === 'aws-msk-iam') return { mechanism, region: c.kafkaAwsRegion ?? '' };
  if (mechanism !== 'oauthbearer')
    return { mechanism, username: c.kafkaSaslUsername ?? '', password: c.kafkaSaslPassword ?? '' };
  const { kafkaOauthTokenUrl: tokenUrl, kafkaOauthExtensions: extensions } = c;
  if (tokenUrl !== undefined) {
    const { kafkaOauthClientId = '', kafkaOauthClientSecret = '', kafkaOauthScope: scope } = c;
    const client = { tokenUrl, clientId: kafkaOauthClientId, clientSecret: kafkaOauthClientSecret, scope };
    return { mechanism, client, extensions };
  }
  // Read now as well, so that a wrong path is found at the start.
  read(file);
  const more = extensions === undefined ? {} : { extensions: { ...extensions } };
  return { mechanism, token: () => Promise.resolve({ value: read(file).trim(), ...more }) };
};
