import Type, { type Static } from 'typebox';
import type { ReadFile, Rule } from './config.ts';
import { ServiceError } from '../errors.ts';

const NAME = '^[A-Za-z0-9._-]*$';

/** Fields of everything that speaks to Kafka. */
export const kafkaFields = {
  brokers: Type.Array(Type.String({ minLength: 3 }), {
    minItems: 1,
    list: true,
    alias: ['KAFKA_BROKERS', 'KAFKA_BOOTSTRAP_SERVERS'],
    description: 'Brokers to begin with, `host:port`; as environment variable a comma list.',
  }),
  clientId: Type.String({
    default: 'verdikt',
    minLength: 1,
    maxLength: 100,
    description: 'Name by which brokers know this client in logs and quotas.',
    reason: 'One name for all is enough to tell us from others.',
  }),
  topicPrefix: Type.String({
    default: '',
    maxLength: 100,
    pattern: NAME,
    description: 'Put before every topic name, for example `prod.`.',
    reason: 'A cluster of one system needs none.',
  }),
  group: Type.String({
    default: 'verdikt',
    minLength: 1,
    maxLength: 100,
    pattern: NAME,
    description:
      'Name of the group of processors. Their consumer group in Kafka is `<source topic>/<group>`; retry and control topics are named after it.',
    reason: 'One group judges all words. A second group judges them again, into topics of its own.',
  }),
  partitions: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1000,
    description:
      'Partitions of every topic: the most tasks that can run at once. Fixed for the life of a prefix.',
    reason: '12 divides evenly among 1, 2, 3, 4, 6 and 12 processors.',
  }),
  kafkaTlsEnabled: Type.Boolean({
    default: false,
    description: 'Speak TLS to brokers. Their certificates are always checked.',
    reason: 'Local brokers have none.',
  }),
  kafkaTlsCaFile: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'PEM file with the authority of the broker certificates. Without it those of Node are trusted.',
    }),
  ),
  kafkaTlsCertFile: Type.Optional(
    Type.String({ minLength: 1, description: 'PEM file with the client certificate, for mutual TLS.' }),
  ),
  kafkaTlsKeyFile: Type.Optional(
    Type.String({ minLength: 1, description: 'PEM file with the key of the client certificate.' }),
  ),
  kafkaTlsServername: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Name that the broker certificates must have, in place of the host name.',
    }),
  ),
  kafkaSaslMechanism: Type.Optional(
    Type.Enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'], {
      description: 'How to log in to brokers. Without it there is no login.',
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
        'File with the token for `oauthbearer`; read again for each login, so that it may be renewed in place.',
    }),
  ),
  connectionTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 120_000,
    description: 'For opening one connection: TCP, TLS, versions, login.',
    reason: 'A distant broker under load answers within a few seconds; a dead one should not hold us longer.',
  }),
  requestTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 1_000,
    maximum: 300_000,
    description: 'For the answer to one request; after it the connection is closed.',
    reason: 'As in the Java clients.',
  }),
} as const;

const topic = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9._-]+$', description }));

/** Which topics a system has; see `systemTopics`. */
export const topicFields = {
  sourceTopic: topic(
    'Topic to read, in full, in place of `<prefix>words`. Its retry, control and dead-letter topics are named after it.',
  ),
  resultTopic: topic(
    'Topic for verdicts, in full, in place of `<prefix>results`. Each group needs one of its own.',
  ),
  deadLetterTopic: topic(
    'Topic for dead letters, in full, in place of `<prefix>words.dlq`. Each group needs one of its own.',
  ),
} as const;

/** Fields for the schema registry. */
export const registryFields = {
  schemaRegistryUrl: Type.String({
    pattern: '^https?://',
    alias: 'SCHEMA_REGISTRY_URL',
    description:
      'Confluent API of the registry, with its base path, for example `http://localhost:8080/apis/ccompat/v7`.',
  }),
  schemaRegistryUsername: Type.Optional(Type.String({ minLength: 1, description: 'User for the registry.' })),
  schemaRegistryPassword: Type.Optional(
    Type.String({ secret: true, description: 'Password for the registry.' }),
  ),
  schemaRegistryTimeoutMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 60_000,
    description: 'For one answer of the registry.',
    reason: 'It is asked once per schema, so it may take its time, but a start should not hang.',
  }),
} as const;

/** Fields of every long-running process. */
export const serviceFields = {
  managementHost: Type.String({
    default: '0.0.0.0',
    minLength: 1,
    description: 'Address for `/livez`, `/readyz` and `/metrics`.',
    reason: 'Probes come from outside of a container.',
  }),
  managementPort: Type.Integer({
    default: 9464,
    minimum: 0,
    maximum: 65_535,
    description: 'Port for `/livez`, `/readyz` and `/metrics`; 0 takes a free one.',
    reason: '9464 is what exporters of metrics commonly use.',
  }),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    description: 'Least level that is logged.',
    reason: '`info` logs changes of state, never single records.',
  }),
  stopTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 300_000,
    description: 'After SIGTERM or SIGINT: finish what is at hand within this time, then end in any case.',
    reason: 'Well within the 30 s that Kubernetes gives.',
  }),
} as const;

interface KafkaSettings {
  readonly brokers: string[];
  readonly clientId: string;
  readonly kafkaTlsEnabled: boolean;
  readonly kafkaTlsCaFile?: string;
  readonly kafkaTlsCertFile?: string;
  readonly kafkaTlsKeyFile?: string;
  readonly kafkaTlsServername?: string;
  readonly kafkaSaslMechanism?: SaslMechanism;
  readonly kafkaSaslUsername?: string;
  readonly kafkaSaslPassword?: string;
  readonly kafkaSaslTokenFile?: string;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}
type SaslMechanism = Static<(typeof kafkaFields)['kafkaSaslMechanism']>;
interface RegistrySettings {
  readonly schemaRegistryUrl: string;
  readonly schemaRegistryUsername?: string;
  readonly schemaRegistryPassword?: string;
  readonly schemaRegistryTimeoutMs: number;
}

const BROKER = /^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):([1-9]\d{0,4})$/;

/** Rules between the fields above. */
export const kafkaRules: readonly Rule<KafkaSettings>[] = [
  {
    fields: ['brokers'],
    says: 'each broker must be host:port',
    remedy: 'write for example broker-1:9092,broker-2:9092, an IPv6 address in brackets',
    holds: (c) => c.brokers.every((b) => Number(BROKER.exec(b)?.[2]) <= 65_535),
  },
  {
    fields: [
      'kafkaTlsEnabled',
      'kafkaTlsCaFile',
      'kafkaTlsCertFile',
      'kafkaTlsKeyFile',
      'kafkaTlsServername',
    ],
    says: 'TLS settings need kafkaTlsEnabled',
    remedy: 'set kafkaTlsEnabled to true, or remove them',
    holds: (c) =>
      c.kafkaTlsEnabled ||
      !(c.kafkaTlsCaFile ?? c.kafkaTlsCertFile ?? c.kafkaTlsKeyFile ?? c.kafkaTlsServername),
  },
  {
    fields: ['kafkaTlsCertFile', 'kafkaTlsKeyFile'],
    says: 'a client certificate and its key go together',
    remedy: 'set both or none',
    holds: (c) => (c.kafkaTlsCertFile === undefined) === (c.kafkaTlsKeyFile === undefined),
  },
  {
    fields: ['kafkaSaslMechanism', 'kafkaSaslUsername', 'kafkaSaslPassword', 'kafkaSaslTokenFile'],
    says: 'plain and scram-* need user and password, oauthbearer needs the token file, no mechanism needs neither',
    remedy: 'set what the mechanism needs and remove the rest',
    holds: (c) => {
      const user = c.kafkaSaslUsername !== undefined;
      const password = c.kafkaSaslPassword !== undefined;
      const token = c.kafkaSaslTokenFile !== undefined;
      if (c.kafkaSaslMechanism === undefined) return !user && !password && !token;
      return c.kafkaSaslMechanism === 'oauthbearer'
        ? token && !user && !password
        : user && password && !token;
    },
  },
];

export const registryRules: readonly Rule<RegistrySettings>[] = [
  {
    fields: ['schemaRegistryUsername', 'schemaRegistryPassword'],
    says: 'user and password of the registry go together',
    remedy: 'set both or none',
    holds: (c) => (c.schemaRegistryUsername === undefined) === (c.schemaRegistryPassword === undefined),
  },
];

/** The connection that the settings describe; certificates are read now. Throws CONFIG_INVALID for an unreadable file. */
export const kafkaConnection = (c: KafkaSettings, readFile: ReadFile) => {
  const read = (field: keyof KafkaSettings, path: string): string => {
    try {
      return readFile(path);
    } catch (e) {
      const message = `${field}: the file ${path} cannot be read. Remedy: name a readable file.`;
      throw new ServiceError('CONFIG_INVALID', message, { field }, e);
    }
  };
  const tls = {
    ...(c.kafkaTlsCaFile === undefined ? {} : { ca: read('kafkaTlsCaFile', c.kafkaTlsCaFile) }),
    ...(c.kafkaTlsCertFile === undefined ? {} : { cert: read('kafkaTlsCertFile', c.kafkaTlsCertFile) }),
    ...(c.kafkaTlsKeyFile === undefined ? {} : { key: read('kafkaTlsKeyFile', c.kafkaTlsKeyFile) }),
    ...(c.kafkaTlsServername === undefined ? {} : { servername: c.kafkaTlsServername }),
  };
  const sasl = saslOf(c, (path) => read('kafkaSaslTokenFile', path));
  return {
    brokers: c.brokers,
    clientId: c.clientId,
    connectionTimeoutMs: c.connectionTimeoutMs,
    requestTimeoutMs: c.requestTimeoutMs,
    ...(c.kafkaTlsEnabled ? { tls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
};

const saslOf = (c: KafkaSettings, read: (path: string) => string) => {
  const { kafkaSaslMechanism: mechanism, kafkaSaslTokenFile: file = '' } = c;
  if (mechanism === undefined) return undefined;
  // Read now as well, so that a wrong path is found at the start.
  if (mechanism !== 'oauthbearer')
    return { mechanism, username: c.kafkaSaslUsername ?? '', password: c.kafkaSaslPassword ?? '' };
  read(file);
  return { mechanism, token: () => Promise.resolve({ value: read(file).trim() }) };
};

/** What the registry client takes. */
export const registryOptions = (c: RegistrySettings) => ({
  url: c.schemaRegistryUrl,
  timeLimitMs: c.schemaRegistryTimeoutMs,
  ...(c.schemaRegistryUsername === undefined
    ? {}
    : { auth: { username: c.schemaRegistryUsername, password: c.schemaRegistryPassword ?? '' } }),
});
