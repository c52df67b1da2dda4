import { ServiceError } from '@verdikt/core/errors.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { BearerLogin } from '../login/tokens.ts';

type Pem = string | Buffer | (string | Buffer)[];

interface Tls {
  readonly ca?: Pem;
  /** Client certificate and key for mutual TLS. */
  readonly cert?: Pem;
  readonly key?: string | Buffer;
  readonly passphrase?: string;
  /** Name to check against the certificate instead of the host name. */
  readonly servername?: string;
  /** Anything but `true` is refused: an unchecked certificate protects nothing. */
  readonly rejectUnauthorized?: boolean;
}

export type Sasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | BearerLogin;

/** Told after the fact, for metrics. Must not throw. `code`: why it failed. */
interface KafkaObserver {
  /** `seconds` from handing over the request to its answer or failure. */
  requested(api: string, seconds: number, code: string | undefined): void;
  connected(code: string | undefined): void;
}

export interface KafkaConnection {
  /** `host:port`, IPv6 as `[::1]:9092`. Where to begin; the cluster tells the rest. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: boolean | Tls;
  readonly sasl?: Sasl;
  /** For the whole opening of a connection: TCP, TLS, version check, SASL. Default 10,000. */
  readonly connectionTimeoutMs?: number;
  /** Default for the answer to a request; after it the socket is closed. Default 30,000. */
  readonly requestTimeoutMs?: number;
  readonly log?: Log;
  readonly observer?: KafkaObserver;
  readonly clock?: Clock;
  /** Lends what responses lie in; a caller that knows that nobody reads one any more may give it back. @default each has a buffer of its own */
  readonly pool?: BytePool | undefined;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The connection with every default filled in and every value checked. */
export interface Checked {
  readonly seeds: readonly Address[];
  readonly clientId: string;
  readonly tls: Tls | undefined;
  readonly sasl: Sasl | undefined;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly log: Log;
  readonly observer: KafkaObserver | undefined;
  readonly clock: Clock;
  readonly pool: BytePool | undefined;
}

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/;

/** Rejects with CONFIG_INVALID; `details.field` names the culprit. */
export const checkConnection = (c: KafkaConnection): Checked => {
  const seeds = c.brokers.map((broker) => {
    const m = ADDRESS.exec(broker);
    const port = Number(m?.[3]);
    if (m === null || port < 1 || port > 65_535)
      throw invalid('brokers', 'each broker must be host:port', { broker });
    return { host: m[1] ?? m[2] ?? '', port };
  });
  if (seeds.length === 0) throw invalid('brokers', 'at least one broker is needed');
  if (c.clientId === '') throw invalid('clientId', 'the client id must not be empty');
  const tls = c.tls === true ? {} : c.tls === false ? undefined : c.tls;
  if (tls?.rejectUnauthorized !== undefined && tls.rejectUnauthorized !== true)
    throw invalid(
      'tls.rejectUnauthorized',
      'the certificate of the broker is always checked; give its CA in tls.ca',
    );
  if (tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined))
    throw invalid('tls.cert', 'a client certificate needs its key and the other way round');
  return {
    seeds,
    clientId: c.clientId,
    tls,
    sasl: c.sasl,
    connectionTimeoutMs: c.connectionTimeoutMs ?? 10_000,
    requestTimeoutMs: c.requestTimeoutMs ?? 30_000,
    log: c.log ?? silentLog,
    observer: c.observer,
    clock: c.clock ?? systemClock,
    pool: c.pool,
  };
};

const invalid = (field: string, message: string, details: object = {}): ServiceError =>
  new ServiceError('CONFIG_INVALID', message, { field, ...details });
