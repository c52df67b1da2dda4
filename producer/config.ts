import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile, type Rule } from '@verdikt/core/config/config.ts';
import {
  kafkaFields,
  kafkaRules,
  registryFields,
  registryRules,
  serviceFields,
} from '@verdikt/core/config/kafka.ts';
import { tracingFields } from '@verdikt/core/tracing/config.ts';

const KIB = 1024;

const httpFields = {
  host: Type.String({
    default: '0.0.0.0',
    minLength: 1,
    description: 'Address of the REST API.',
    reason: 'Clients come from outside of a container.',
  }),
  port: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the REST API; 0 takes a free one.',
    reason: 'The usual port of a service without privileges.',
  }),
  tokens: Type.Array(
    Type.Object(
      {
        principal: Type.String({
          minLength: 1,
          maxLength: 100,
          pattern: '^[\\x21-\\x7e]+$',
          description: 'Name of the client.',
        }),
        sha256: Type.String({
          pattern: '^[0-9a-fA-F]{64}$',
          description: 'SHA-256 of its token, in hexadecimal.',
        }),
      },
      { additionalProperties: false },
    ),
    {
      default: [],
      maxItems: 1000,
      description:
        'Clients that may submit, as `[{"principal": "shop", "sha256": "…"}]`. Without any, everyone may, as `anonymous`. Idempotency keys are told apart by principal.',
      reason: 'A first try needs no token; hashes are no secrets.',
    },
  ),
  headersTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 60_000,
    description: 'For the headers of a request to arrive.',
    reason: 'Slow headers hold a connection for nothing.',
  }),
  bodyTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 100,
    maximum: 300_000,
    description:
      'For the body of a request to arrive, however it drips in. Streams: see streamIdleTimeoutMs.',
    reason: '512 KiB over a slow line.',
  }),
  keepAliveTimeoutMs: Type.Integer({
    default: 72_000,
    minimum: 1_000,
    maximum: 600_000,
    description: 'How long an idle connection is kept for the next request.',
    reason: 'Longer than the 60 s of common load balancers, else they meet closed connections.',
  }),
  maxConnections: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 100_000,
    description: 'Client connections open at once; more are closed at once.',
    reason: 'About 100 MB at worst.',
  }),
} as const;

const inputFields = {
  wordMaxCodePoints: Type.Integer({
    default: 1024,
    minimum: 1,
    maximum: 4096,
    description: 'Longest word, in code points, before and after normalising.',
    reason: 'Far beyond any word; bounds the work of a check.',
  }),
  wordMaxBytes: Type.Integer({
    default: 4 * KIB,
    minimum: 4,
    maximum: 16 * KIB,
    description: 'Longest word, in bytes of UTF-8, before and after normalising.',
    reason: '1,024 code points of the longest kind.',
  }),
  keyMaxBytes: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 1024,
    description: 'Longest key given by a client, in bytes of UTF-8.',
    reason: 'Room for every common kind of id; keys are kept in memory.',
  }),
  bodyMaxBytes: Type.Integer({
    default: 16 * KIB,
    minimum: 64,
    maximum: 64 * KIB,
    description: 'Body of one submission.',
    reason: 'The longest word, each code point written as two \\u escapes of six characters, with a key.',
  }),
  batchMaxSubmissions: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 1000,
    description: 'Submissions of one batch.',
    reason: 'More gain nothing and delay others; use a stream.',
  }),
  batchMaxBytes: Type.Integer({
    default: 512 * KIB,
    minimum: 64,
    maximum: 512 * KIB,
    description: 'Body of one batch.',
    reason:
      'Normalising the worst text of that size takes 30 ms, and no request may block the others for more than 50 ms.',
  }),
  lineMaxBytes: Type.Integer({
    default: 16 * KIB,
    minimum: 64,
    maximum: 64 * KIB,
    description: 'One line of an NDJSON stream.',
    reason: 'As bodyMaxBytes.',
  }),
  maxStreams: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'NDJSON streams open at once; more are answered 503.',
    reason: 'With streamMaxPending a bound on memory, about 200 MB at worst.',
  }),
  streamMaxPending: Type.Integer({
    default: 2000,
    minimum: 1,
    maximum: 100_000,
    description: 'Lines of one stream that may wait for Kafka; reading pauses there.',
    reason: 'Keeps a produce request full while the one before it is on its way.',
  }),
  streamFullWaitMs: Type.Integer({
    default: 5_000,
    minimum: 0,
    maximum: 60_000,
    description: 'How long a stream waits for room in a full buffer before its lines are refused.',
    reason: 'A stream is best slowed down, not refused.',
  }),
  streamIdleTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 100,
    maximum: 600_000,
    description: 'A stream on which nothing moves for so long is ended.',
    reason: 'As bodyTimeoutMs.',
  }),
  streamMaxMs: Type.Integer({
    default: 3_600_000,
    minimum: 1_000,
    maximum: 86_400_000,
    description:
      'Longest life of a request, streams too. What was answered counts; send the rest as a new stream.',
    reason: 'Lets load spread again over instances.',
  }),
} as const;

const bufferFields = {
  appendLingerMs: Type.Integer({
    default: 2,
    minimum: 0,
    maximum: 5,
    description: 'How long the first record of a produce request waits for others.',
    reason: 'While a request is on its way records collect anyway.',
  }),
  bufferMaxRecords: Type.Integer({
    default: 20_000,
    minimum: 1000,
    maximum: 1_000_000,
    description: 'Records that may wait for Kafka; beyond it clients get 503 with Retry-After.',
    reason: 'About a tenth of a second at full speed.',
  }),
  bufferMaxBytes: Type.Integer({
    default: 32 * KIB * KIB,
    minimum: KIB * KIB,
    maximum: KIB * KIB * KIB,
    description: 'Bytes of records that may wait for Kafka.',
    reason: 'A small part of a small container.',
  }),
  appendTimeoutMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 120_000,
    description: 'For the answer of Kafka; after it the client gets 503 APPEND_UNCONFIRMED.',
    reason: 'Within the patience of a client, and of stopTimeoutMs.',
  }),
} as const;

/** Of the edge. */
export const edgeConfigSchema = Type.Object(
  {
    ...kafkaFields,
    ...registryFields,
    ...httpFields,
    ...inputFields,
    ...bufferFields,
    ...tracingFields,
    ...serviceFields,
  },
  { title: 'verdikt edge' },
);

export type EdgeConfig = Static<typeof edgeConfigSchema>;

/** Rules between the fields of the edge itself; those of Kafka and the registry come with their fields. */
export const edgeRules: readonly Rule<EdgeConfig>[] = [
  {
    fields: ['appendTimeoutMs', 'stopTimeoutMs'],
    says: 'what is on its way to Kafka must be answered before the stop ends (appendTimeoutMs < stopTimeoutMs)',
    remedy: 'raise stopTimeoutMs or lower appendTimeoutMs',
    holds: (c) => c.appendTimeoutMs < c.stopTimeoutMs,
  },
  {
    fields: ['batchMaxSubmissions', 'bufferMaxRecords'],
    says: 'a batch must fit the buffer (batchMaxSubmissions <= bufferMaxRecords)',
    remedy: 'raise bufferMaxRecords',
    holds: (c) => c.batchMaxSubmissions <= c.bufferMaxRecords,
  },
  {
    fields: ['bodyTimeoutMs', 'streamMaxMs'],
    says: 'a body may take as long as it may take (bodyTimeoutMs <= streamMaxMs)',
    remedy: 'raise streamMaxMs',
    holds: (c) => c.bodyTimeoutMs <= c.streamMaxMs,
  },
];

/** Of the edge, with all its rules. Throws CONFIG_INVALID. */
export const loadEdgeConfig = (env: Env, readFile: ReadFile): EdgeConfig =>
  loadConfig(edgeConfigSchema, env, readFile, [...kafkaRules, ...registryRules, ...edgeRules]);
