// The only file that loads kafkajs. It must be the exact version whose inner files we know.
import { createRequire } from 'node:module';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Exchange, Offered } from '../wire/protocol.ts';

const require = createRequire(import.meta.url);
const load = <T>(path: string): T => require(path) as T;

const KAFKAJS_VERSION = '2.2.4';

/** Refuses any other kafkajs: we reach into files that carry no promise. Rejects with CONFIG_INVALID. */
export const assertKafkajs = (version: string): void => {
  if (version === KAFKAJS_VERSION) return;
  throw new ServiceError('CONFIG_INVALID', `kafkajs must be exactly ${KAFKAJS_VERSION}; install it again`, {
    version,
  });
};

interface RequestQueueClass {
  prototype: { scheduleCheckPendingRequests(this: { pending: unknown[] }): void };
}
interface KafkaError {
  type: string;
  code: number;
  retriable: boolean;
  message: string;
}

/** Codes that came after kafkajs; without them it answers -99 for all of them. */
const NEWER_CODES: readonly (readonly [code: number, type: string, retriable: boolean])[] = [
  [89, 'THROTTLING_QUOTA_EXCEEDED', true],
  [90, 'PRODUCER_FENCED', false],
  [91, 'RESOURCE_NOT_FOUND', false],
  [92, 'DUPLICATE_RESOURCE', false],
  [93, 'UNACCEPTABLE_CREDENTIAL', false],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', false],
  [99, 'POSITION_OUT_OF_RANGE', false],
  [100, 'UNKNOWN_TOPIC_ID', true],
  [102, 'BROKER_ID_NOT_REGISTERED', false],
  [103, 'INCONSISTENT_TOPIC_ID', true],
  [104, 'INCONSISTENT_CLUSTER_ID', false],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', false],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', true],
  [107, 'INELIGIBLE_REPLICA', false],
  [108, 'NEW_LEADER_ELECTED', false],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', false],
  [110, 'FENCED_MEMBER_EPOCH', false],
  [111, 'UNRELEASED_INSTANCE_ID', false],
  [112, 'UNSUPPORTED_ASSIGNOR', false],
  [113, 'STALE_MEMBER_EPOCH', false],
  [119, 'INVALID_REGISTRATION', false],
  [120, 'TRANSACTION_ABORTABLE', false],
  [129, 'REBOOTSTRAP_REQUIRED', false],
];

/**
 * Without it an idle connection wakes about 800 times a second forever: with nothing pending the next check is due in a
 * negative time.
 */
export const patchIdleTimer = (queue: RequestQueueClass): void => {
  const original = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function (this: { pending: unknown[] }) {
    if (this.pending.length > 0) original.call(this);
  };
};

/** Adds the codes that kafkajs does not know, once. */
export const patchErrorCodes = (codes: KafkaError[]): void => {
  for (const [code, type, retriable] of NEWER_CODES)
    if (!codes.some((c) => c.code === code)) codes.push({ type, code, retriable, message: type });
};

assertKafkajs(load<{ version: string }>('kafkajs/package.json').version);
patchIdleTimer(load<RequestQueueClass>('kafkajs/src/network/requestQueue'));
patchErrorCodes(load<{ errorCodes: KafkaError[] }>('kafkajs/src/protocol/error').errorCodes);

export interface KafkajsLogger {
  namespace(): KafkajsLogger;
  error(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  debug(message: string, fields?: object): void;
}

interface Socket {
  destroy(): void;
}

/** What is in flight, and what waits because the broker asked us to slow down. */
interface RequestQueue {
  push(request: {
    readonly entry: {
      readonly apiKey: number;
      readonly apiName: string;
      readonly apiVersion: number;
      readonly correlationId: number;
      resolve(answered: { readonly payload: Buffer }): void;
      reject(error: Error): void;
    };
    readonly expectResponse: true;
    readonly requestTimeout: null;
    sendRequest(): void;
  }): void;
  fulfillRequest(response: {
    readonly correlationId: number;
    readonly size: number;
    readonly payload: Buffer;
  }): void;
  maybeThrottle(ms: number | null): void;
  destroy(): void;
}

/** The connection of kafkajs: logs in, logs in again, and counts what is in flight. Frames are ours; see framing.ts. */
export interface Connection {
  connect(): Promise<unknown>;
  authenticate(): Promise<void>;
  isAuthenticated(): boolean;
  isConnected(): boolean;
  nextCorrelationId(): number;
  setVersions(versions: Offered): void;
  setSupportAuthenticationProtocol(supported: boolean): void;
  send<T>(exchange: Exchange<T>): Promise<T>;
  readonly requestQueue: RequestQueue;
}

export const Connection = load<
  new (options: {
    host: string;
    port: number;
    clientId: string;
    logger: KafkajsLogger;
    socketFactory: (options: { host: string; port: number; ssl: unknown; onConnect: () => void }) => Socket;
    ssl: unknown;
    sasl: unknown;
    connectionTimeout: number;
    requestTimeout: number;
    enforceRequestTimeout: boolean;
    maxInFlightRequests: number | null;
  }) => Connection
>('kafkajs/src/network/connection');

type Definition = { protocol(of: { version: number }): (params: object) => Exchange<unknown> };

/** The codec of one API at one version, typed by the caller, who knows the version. */
export const codec = <P extends object, T>(file: string, version: number): ((params: P) => Exchange<T>) => {
  const make = load<Definition>(`kafkajs/src/protocol/requests/${file}`).protocol({ version });
  return (params) => make(params) as Exchange<T>;
};

export interface EncoderLike {
  readonly buf: Buffer;
  readonly buffer: Buffer;
  writeInt16(n: number): EncoderLike;
  writeInt32(n: number): EncoderLike;
  writeBoolean(b: boolean): EncoderLike;
  writeString(s: string | null): EncoderLike;
  writeBytes(b: Buffer): EncoderLike;
  writeArray(a: readonly (EncoderLike | string | number)[]): EncoderLike;
}
export interface DecoderLike {
  readInt8(): number;
  readInt16(): number;
  readInt32(): number;
  readString(): string | null;
  readBytes(): Buffer | null;
  readBoolean(): boolean;
  readArray<T>(reader: (d: DecoderLike) => T): T[];
  canReadInt16(): boolean;
}
export const Encoder = load<new () => EncoderLike>('kafkajs/src/protocol/encoder');
export const Decoder = load<new (b: Buffer) => DecoderLike>('kafkajs/src/protocol/decoder');
