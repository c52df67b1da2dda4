import Type from 'typebox';
import type { ReadFile, Rule } from './config.ts';
import { ServiceError } from '../errors.ts';
import { loginFields, loginOf, loginRules, type LoginSettings } from './kafka-login.ts';

const NAME = '^[A-Za-z0-9._-]*$';

/** Fields of everything that speaks to Kafka. */
export const kafkaFields = {
  brokers: Type.Array(Type.String({ minLength: 3 }), {
    minItems: 1,
    list: true,
    alias: ['KAFKA_BROKERS', 'KAFKA_BOOTSTRAP_SERVERS'],
    description: 'Bootstrap brokers as `host:port`. In the environment variable, a comma-separated list.',
  }),
  clientId: Type.String({
    default: 'verdikt',
    minLength: 1,
    maxLength: 100,
    description: 'Name by which brokers know this client in logs and quotas.',
    reason: 'A shared name identifies verdikt clients.',
  }),
  topicPrefix: Type.String({
    default: '',
    maxLength: 100,
    pattern: NAME,
    description: 'Prefix of every topic name, for example `prod.`.',
    reason: 'A cluster with a single system needs none.',
  }),
  group: Type.String({
    default: 'verdikt',
    minLength: 1,
    maxLength: 100,
    pattern: NAME,
    description:
      'Name of the group of processors. Their consumer group in Kafka is `<source topic>/<group>`. Retry and control topics are named after the group.',
    reason:
      'One group evaluates all words. A second group evaluates them again and writes to its own topics.',
  }),
  partitions: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1000,
    description:
      'Number of partitions of every topic, and so the maximum number of tasks that run at once. Fixed for the lifetime of a prefix.',
    reason: '12 divides evenly among 1, 2, 3, 4, 6 and 12 processors.',
  }),
  kafkaTlsEnabled: Type.Boolean({
    default: false,
    description: 'Connect to brokers with TLS. Their certificates are always checked.',
    reason: 'Local brokers do not use it.',
  }),
  kafkaTlsCaFile: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'PEM file with the CA of the broker certificates. Default: the CAs that Node trusts.',
    }),
  ),
  kafkaTlsCertFile: Type.Optional(
    Type.String({ minLength: 1, description: 'PEM file with the client certificate, for mutual TLS.' }),
  ),
  kafkaTlsKeyFile: Type.Optional(
    Type.String({ minLength: 1, description: 'PEM file with the private key of the client certificate.' }),
  ),
  kafkaTlsServername: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'Name that the broker certificates must match instead of the host name.',
    }),
  ),
  ...loginFields,
  connectionTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 120_000,
    description: 'Time limit for opening a connection: TCP, TLS, versions, login.',
    reason:
      'A distant broker under load responds within a few seconds. A dead one should not block for longer.',
  }),
  requestTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 1_000,
    maximum: 300_000,
    description: 'Time limit for the response to a request. After it, the connection is closed.',
    reason: 'The same as in the Java clients.',
  }),
} as const;

const topic = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '^[A-Za-z0-9._-]+$', description }));

/** Which topics a system has; see `systemTopics`. */
export const topicFields = {
  sourceTopic: topic(
    'Full name of the topic to read, instead of `<prefix>words`. The retry, control and dead-letter topics are named after it.',
  ),
  resultTopic: topic(
    'Full name of the topic for verdicts, instead of `<prefix>results`. Each group needs its own.',
  ),
  deadLetterTopic: topic(
    'Full name of the topic for dead letters, instead of `<prefix>words.dlq`. Each group needs its own.',
  ),
} as const;

/** Fields for the schema registry. */
export const registryFields = {
  schemaRegistryUrl: Type.String({
    pattern: '^https?://',
    alias: 'SCHEMA_REGISTRY_URL',
    description:
      'URL of the Confluent API of the registry with its base path, for example `http://localhost:8080/apis/ccompat/v7`.',
  }),
  schemaRegistryUsername: Type.Optional(Type.String({ minLength: 1, description: 'User for the registry.' })),
  schemaRegistryPassword: Type.Optional(
    Type.String({ secret: true, description: 'Password for the registry.' }),
  ),
  schemaRegistryTimeoutMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time limit for a response of the registry.',
    reason: 'Each schema is requested once, so it may take a while, but startup should not hang.',
  }),
} as const;

/** Fields of every long-running process. */
export const serviceFields = {
  managementHost: Type.String({
    default: '0.0.0.0',
    minLength: 1,
    description: 'Address for `/livez`, `/readyz`, `/metrics` and `/status`.',
    reason: 'Probes connect from outside the container.',
  }),
  managementPort: Type.Integer({
    default: 9464,
    minimum: 0,
    maximum: 65_535,
    description: 'Port for `/livez`, `/readyz`, `/metrics` and `/status`. 0 picks a free one.',
    reason: 'A common port for metrics exporters.',
  }),
  logLevel: Type.Enum(['debug', 'info', 'warn', 'error', 'silent'], {
    default: 'info',
    description: 'Lowest level that is logged.',
    reason: '`info` logs state changes, never single records.',
  }),
  stopTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 300_000,
    description:
      'Time limit for finishing work in progress after SIGTERM or SIGINT. Then the process ends in any case.',
    reason: 'Well within the 30 s that Kubernetes allows.',
  }),
} as const;

interface KafkaSettings extends LoginSettings {
  readonly brokers: string[];
  readonly clientId: string;
  readonly kafkaTlsCaFile?: string;
  readonly kafkaTlsCertFile?: string;
  readonly kafkaTlsKeyFile?: string;
  readonly kafkaTlsServername?: string;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
}
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
  ...loginRules,
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
  const sasl = loginOf(c, (path) => read('kafkaSaslTokenFile', path));
  return {
    brokers: c.brokers,
    clientId: c.clientId,
    connectionTimeoutMs: c.connectionTimeoutMs,
    requestTimeoutMs: c.requestTimeoutMs,
    ...(c.kafkaTlsEnabled ? { tls } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
};

/** What the registry client takes. */
export const registryOptions = (c: RegistrySettings) => ({
  url: c.schemaRegistryUrl,
  timeLimitMs: c.schemaRegistryTimeoutMs,
  ...(c.schemaRegistryUsername === undefined
    ? {}
    : { auth: { username: c.schemaRegistryUsername, password: c.schemaRegistryPassword ?? '' } }),
});
