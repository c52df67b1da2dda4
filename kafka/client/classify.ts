import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';

/**
 * Kafka error code → our code. What is missing here is BROKER_UNAVAILABLE: wait, look again.
 *
 * 3 (unknown topic or partition) depends on who says so. Metadata speaks for the cluster: TOPIC_INVALID. A single broker
 * that answers a produce or fetch with 3 has mostly just lost the replica, or not yet got it: BROKER_UNAVAILABLE, refresh,
 * and metadata will tell. 100 and 103 (topic id unknown or changed) are the same doubt.
 */
const CODES: Readonly<Record<number, ErrorCode>> = {
  1: 'OFFSET_LOST', // OFFSET_OUT_OF_RANGE
  2: 'LOG_CORRUPT', // CORRUPT_MESSAGE
  10: 'RECORD_TOO_LARGE', // MESSAGE_TOO_LARGE
  17: 'TOPIC_INVALID', // INVALID_TOPIC_EXCEPTION
  18: 'RECORD_TOO_LARGE', // RECORD_LIST_TOO_LARGE
  21: 'CONFIG_INVALID', // INVALID_REQUIRED_ACKS
  22: 'MEMBER_STALE', // ILLEGAL_GENERATION
  23: 'GROUP_TAKEN', // INCONSISTENT_GROUP_PROTOCOL: another assignor, or a group of another type
  24: 'CONFIG_INVALID', // INVALID_GROUP_ID
  25: 'MEMBER_STALE', // UNKNOWN_MEMBER_ID
  26: 'CONFIG_INVALID', // INVALID_SESSION_TIMEOUT
  27: 'MEMBER_STALE', // REBALANCE_IN_PROGRESS
  29: 'ACCESS_DENIED', // TOPIC_AUTHORIZATION_FAILED
  30: 'ACCESS_DENIED', // GROUP_AUTHORIZATION_FAILED
  31: 'ACCESS_DENIED', // CLUSTER_AUTHORIZATION_FAILED
  32: 'RECORD_REJECTED', // INVALID_TIMESTAMP
  33: 'CONFIG_INVALID', // UNSUPPORTED_SASL_MECHANISM
  35: 'BROKER_UNSUPPORTED', // UNSUPPORTED_VERSION
  36: 'TOPIC_INVALID', // TOPIC_ALREADY_EXISTS
  37: 'TOPIC_INVALID', // INVALID_PARTITIONS
  38: 'TOPIC_INVALID', // INVALID_REPLICATION_FACTOR
  39: 'TOPIC_INVALID', // INVALID_REPLICA_ASSIGNMENT
  40: 'TOPIC_INVALID', // INVALID_CONFIG
  42: 'CONFIG_INVALID', // INVALID_REQUEST: it makes no sense to the broker, now or later
  43: 'BROKER_UNSUPPORTED', // UNSUPPORTED_FOR_MESSAGE_FORMAT
  44: 'TOPIC_INVALID', // POLICY_VIOLATION
  45: 'TRANSACTION_FAILED', // OUT_OF_ORDER_SEQUENCE_NUMBER
  46: 'TRANSACTION_FAILED', // DUPLICATE_SEQUENCE_NUMBER
  47: 'PRODUCER_FENCED', // INVALID_PRODUCER_EPOCH: what old requests get for 90
  48: 'TRANSACTION_FAILED', // INVALID_TXN_STATE
  49: 'PRODUCER_FENCED', // INVALID_PRODUCER_ID_MAPPING: also an expired id
  50: 'CONFIG_INVALID', // INVALID_TRANSACTION_TIMEOUT
  51: 'TRANSACTION_FAILED', // CONCURRENT_TRANSACTIONS, once waiting did not help
  52: 'PRODUCER_FENCED', // TRANSACTION_COORDINATOR_FENCED
  53: 'ACCESS_DENIED', // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
  54: 'CONFIG_INVALID', // SECURITY_DISABLED
  58: 'ACCESS_DENIED', // SASL_AUTHENTICATION_FAILED
  59: 'TRANSACTION_FAILED', // UNKNOWN_PRODUCER_ID
  65: 'ACCESS_DENIED', // DELEGATION_TOKEN_AUTHORIZATION_FAILED
  76: 'BROKER_UNSUPPORTED', // UNSUPPORTED_COMPRESSION_TYPE
  82: 'MEMBER_STALE', // FENCED_INSTANCE_ID
  87: 'RECORD_REJECTED', // INVALID_RECORD
  89: 'BROKER_UNAVAILABLE', // THROTTLING_QUOTA_EXCEEDED
  90: 'PRODUCER_FENCED', // PRODUCER_FENCED
  100: 'BROKER_UNAVAILABLE', // UNKNOWN_TOPIC_ID
  103: 'BROKER_UNAVAILABLE', // INCONSISTENT_TOPIC_ID
  120: 'TRANSACTION_FAILED', // TRANSACTION_ABORTABLE
};

/** Our code for a Kafka error code. `fromMetadata`: the answer speaks for the cluster, not for one broker. */
export const classifyCode = (kafka: number, fromMetadata = false): ErrorCode =>
  kafka === 3 && fromMetadata ? 'TOPIC_INVALID' : (CODES[kafka] ?? 'BROKER_UNAVAILABLE');

/** A ServiceError for a Kafka error code that came as data; the code is kept as `details.kafka`. */
export const fromCode = (
  kafka: number,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
  fromMetadata = false,
): ServiceError => new ServiceError(classifyCode(kafka, fromMetadata), what, { ...details, kafka });

const MAX_DEPTH = 8;

/** The Kafka error code inside an error, through causes and aggregates; undefined for connection trouble and the like. */
export const kafkaCode = (error: unknown): number | undefined => find(error, 0)?.code;

interface Found {
  readonly code?: number;
  readonly auth?: boolean;
}

const find = (error: unknown, depth: number): Found | undefined => {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return undefined;
  if (error instanceof ServiceError && typeof error.details.kafka === 'number')
    return { code: error.details.kafka };
  const e = error as {
    name?: unknown;
    code?: unknown;
    cause?: unknown;
    errors?: unknown;
    partitions?: unknown;
  };
  if (e.name !== undefined && typeof e.code === 'number') return { code: e.code };
  const inner: unknown[] = [e.cause];
  if (Array.isArray(e.errors)) inner.push(...(e.errors as unknown[]));
  if (Array.isArray(e.partitions)) inner.push(...e.partitions.map((p: { error?: unknown }) => p.error));
  for (const i of inner) {
    const found = find(i, depth + 1);
    if (found !== undefined) return found;
  }
  // The SASL handshake of kafkajs keeps nothing but the name of its error.
  return e.name === 'KafkaJSSASLAuthenticationError' ? { auth: true } : undefined;
};

/**
 * Any error of kafkajs or of a socket as a ServiceError; a ServiceError stays as it is. Looks at code numbers and error
 * names, never at message text. Without a code it is connection trouble: BROKER_UNAVAILABLE.
 */
export const toServiceError = (
  error: unknown,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
): ServiceError => {
  if (error instanceof ServiceError) return error;
  const found = find(error, 0);
  if (found?.code !== undefined)
    return new ServiceError(classifyCode(found.code), what, { ...details, kafka: found.code }, error);
  if (found?.auth === true) return new ServiceError('ACCESS_DENIED', what, details, error);
  return new ServiceError('BROKER_UNAVAILABLE', what, details, error);
};
