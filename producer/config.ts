import { Type, type Static } from '@verdikt/core/config/fields.ts';
import { loadConfig, type Env, type ReadFile, type Rule } from '@verdikt/core/config/config.ts';
import { compressionField } from '@verdikt/core/config/compression.ts';
import {
  kafkaFields,
  kafkaRules,
  registryFields,
  registryRules,
  serviceFields,
} from '@verdikt/core/config/kafka.ts';
import { metricsFields, otlpRules } from '@verdikt/core/service/metrics-config.ts';
import { tracingFields } from '@verdikt/core/tracing/config.ts';
import { authFields, jwtIsWhole, keysAreSafe, namesAreTheirs } from './config-auth.ts';
import { ownLoginHolds, operatorFields } from './config-operators.ts';
import { quotaFields } from './config-quota.ts';
import { viewFields } from './config-view.ts';

const KIB = 1024;

const httpFields = {
  host: Type.String({
    default: '0.0.0.0',
    minLength: 1,
    description: 'Address of the REST API.',
    reason: 'Clients connect from outside the container.',
  }),
  port: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'Port of the REST API. 0 picks a free one.',
    reason: 'The usual port of an unprivileged HTTP service.',
  }),
  headersTimeoutMs: Type.Integer({
    default: 10_000,
    minimum: 100,
    maximum: 60_000,
    description: 'Time limit for the headers of a request.',
    reason: 'Slow headers occupy a connection for nothing.',
  }),
  bodyTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 100,
    maximum: 300_000,
    description: 'Time limit for the whole body of a request. For streams, see `streamIdleTimeoutMs`.',
    reason: 'Enough for 512 KiB over a slow connection.',
  }),
  keepAliveTimeoutMs: Type.Integer({
    default: 72_000,
    minimum: 1_000,
    maximum: 600_000,
    description: 'How long an idle connection is kept for the next request.',
    reason: 'Longer than the 60 s of common load balancers, which would otherwise reuse closed connections.',
  }),
  maxConnections: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 100_000,
    description: 'Maximum number of open client connections. Further ones are closed immediately.',
    reason: 'About 100 MB at worst.',
  }),
} as const;

const inputFields = {
  wordMaxCodePoints: Type.Integer({
    default: 1024,
    minimum: 1,
    maximum: 4096,
    description: 'Maximum length of a word in code points, before and after normalization.',
    reason: 'Far longer than any word. Bounds the work of a check.',
  }),
  wordMaxBytes: Type.Integer({
    default: 4 * KIB,
    minimum: 4,
    maximum: 16 * KIB,
    description: 'Maximum length of a word in UTF-8 bytes, before and after normalization.',
    reason: '1,024 code points of four bytes each.',
  }),
  keyMaxBytes: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 1024,
    description: 'Maximum length of a client key in UTF-8 bytes.',
    reason: 'Room for every common kind of ID. Keys are kept in memory.',
  }),
  bodyMaxBytes: Type.Integer({
    default: 16 * KIB,
    minimum: 64,
    maximum: 64 * KIB,
    description: 'Maximum size of the body of a single submission.',
    reason:
      'The longest word with every code point written as two \\u escapes of six characters, plus a key.',
  }),
  batchMaxSubmissions: Type.Integer({
    default: 1000,
    minimum: 1,
    maximum: 1000,
    description: 'Maximum number of submissions in a batch.',
    reason: 'Larger batches gain nothing and delay other requests. Use a stream.',
  }),
  batchMaxBytes: Type.Integer({
    default: 512 * KIB,
    minimum: 64,
    maximum: 512 * KIB,
    description: 'Maximum size of the body of a batch.',
    reason:
      'Normalizing the worst text of this size takes 30 ms. No request may block the others for more than 50 ms.',
  }),
  lineMaxBytes: Type.Integer({
    default: 16 * KIB,
    minimum: 64,
    maximum: 64 * KIB,
    description: 'Maximum length of one line of an NDJSON stream.',
    reason: 'The same as `bodyMaxBytes`.',
  }),
  maxStreams: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'Maximum number of open NDJSON streams. Further ones get 503.',
    reason: 'Bounds memory together with `streamMaxPending`: about 240 MB at worst.',
  }),
  streamMaxPending: Type.Integer({
    default: 2000,
    minimum: 1,
    maximum: 100_000,
    description: 'Maximum number of lines of one stream that wait for Kafka. Beyond it, reading pauses.',
    reason: 'Fills a produce request while the previous one is in flight.',
  }),
  streamFullWaitMs: Type.Integer({
    default: 5_000,
    minimum: 0,
    maximum: 60_000,
    description: 'How long a stream waits for room in a full buffer before its lines are refused.',
    reason: 'It is better to slow a stream down than to refuse its lines.',
  }),
  streamIdleTimeoutMs: Type.Integer({
    default: 30_000,
    minimum: 100,
    maximum: 600_000,
    description: 'A stream that is idle for this long is closed.',
    reason: 'The same as `bodyTimeoutMs`.',
  }),
  streamMaxMs: Type.Integer({
    default: 3_600_000,
    minimum: 1_000,
    maximum: 86_400_000,
    description:
      'Maximum duration of a request, streams included. Answered lines are stored; send the rest in a new stream.',
    reason: 'Lets the load spread over instances again.',
  }),
} as const;

const bufferFields = {
  wordsCompression: compressionField('words topic'),
  appendLingerMs: Type.Integer({
    default: 2,
    minimum: 0,
    maximum: 5,
    description: 'How long the first record of a produce request waits for more.',
    reason: 'Records accumulate anyway while a request is in flight.',
  }),
  bufferMaxRecords: Type.Integer({
    default: 20_000,
    minimum: 1000,
    maximum: 1_000_000,
    description:
      'Maximum number of records that wait for Kafka. Beyond it, clients get 503 with `Retry-After`.',
    reason: 'About 0.1 s at full speed.',
  }),
  bufferMaxBytes: Type.Integer({
    default: 32 * KIB * KIB,
    minimum: KIB * KIB,
    maximum: KIB * KIB * KIB,
    description: 'Maximum number of bytes that wait for Kafka.',
    reason: 'A small part of a small container.',
  }),
  appendTimeoutMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    maximum: 120_000,
    description: 'Time limit for the response of Kafka. After it, the client gets 503 `APPEND_UNCONFIRMED`.',
    reason: 'Short enough for clients, and for `stopTimeoutMs`.',
  }),
} as const;

const drainDelayMs = Type.Integer({
  default: 0,
  minimum: 0,
  maximum: 120_000,
  description:
    'How long the edge still accepts requests after SIGTERM, while `/readyz` answers 503 and each answer ends its connection. Set it to the time in which the load balancer notices.',
  reason: 'The chart waits before SIGTERM (`preStopSleepSeconds`).',
});

/** Of the edge. */
export const edgeConfigSchema = Type.Object(
  {
    ...kafkaFields,
    ...registryFields,
    ...httpFields,
    ...authFields,
    ...operatorFields,
    ...inputFields,
    ...bufferFields,
    ...quotaFields,
    drainDelayMs,
    ...viewFields,
    ...tracingFields,
    ...metricsFields,
    ...serviceFields,
  },
  { title: 'verdikt edge' },
);

export type EdgeConfig = Static<typeof edgeConfigSchema>;

/** Rules between the fields of the edge itself; those of Kafka and the registry come with their fields. */
export const edgeRules: readonly Rule<EdgeConfig>[] = [
  {
    fields: ['appendTimeoutMs', 'drainDelayMs', 'stopTimeoutMs'],
    says: 'appendTimeoutMs and drainDelayMs together must be less than stopTimeoutMs, so that requests in flight are answered before the process ends',
    remedy: 'raise stopTimeoutMs, or lower the others',
    holds: (c) => c.appendTimeoutMs + c.drainDelayMs < c.stopTimeoutMs,
  },
  {
    fields: ['batchMaxSubmissions', 'bufferMaxRecords'],
    says: 'batchMaxSubmissions must not exceed bufferMaxRecords, so that a batch fits the buffer',
    remedy: 'raise bufferMaxRecords',
    holds: (c) => c.batchMaxSubmissions <= c.bufferMaxRecords,
  },
  {
    fields: ['bodyTimeoutMs', 'streamMaxMs'],
    says: 'bodyTimeoutMs must not exceed streamMaxMs',
    remedy: 'raise streamMaxMs',
    holds: (c) => c.bodyTimeoutMs <= c.streamMaxMs,
  },
  {
    fields: ['viewSaslUsername', 'viewSaslPassword', 'kafkaSaslMechanism'],
    says: 'viewSaslUsername and viewSaslPassword go together, with a kafkaSaslMechanism that takes a password',
    remedy: 'set both and the mechanism, or neither: the view then logs in as the edge',
    holds: (c) => ownLoginHolds(c.viewSaslUsername, c.viewSaslPassword, c.kafkaSaslMechanism),
  },
  {
    fields: ['operatorSaslUsername', 'operatorSaslPassword', 'kafkaSaslMechanism'],
    says: 'operatorSaslUsername and operatorSaslPassword go together, with a kafkaSaslMechanism that takes a password',
    remedy: 'set both and the mechanism, or neither: operators then act as the edge',
    holds: (c) => ownLoginHolds(c.operatorSaslUsername, c.operatorSaslPassword, c.kafkaSaslMechanism),
  },
  {
    fields: ['jwtIssuer', 'jwtAudience', 'jwtJwksUrl'],
    says: 'jwtIssuer, jwtAudience and jwtJwksUrl go together',
    remedy: 'set all three or none',
    holds: jwtIsWhole,
  },
  {
    fields: ['jwtJwksUrl'],
    says: 'keys of an issuer are read over https, or from this machine',
    remedy: 'use https',
    holds: keysAreSafe,
  },
  {
    fields: ['tokens'],
    says: 'no client may be called anonymous: that is who shows no token',
    remedy: 'rename it',
    holds: (c) => namesAreTheirs(c.tokens),
  },
  ...otlpRules,
];

/** Of the edge, with all its rules. Throws CONFIG_INVALID. */
export const loadEdgeConfig = (env: Env, readFile: ReadFile): EdgeConfig =>
  loadConfig(edgeConfigSchema, env, readFile, [...kafkaRules, ...registryRules, ...edgeRules]);
