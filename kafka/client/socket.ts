import * as net from 'node:net';
import * as tls from 'node:tls';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { fromCode, toServiceError } from './classify.ts';
import { Connection, codec, type KafkajsLogger } from './compat.ts';
import type { Address, Checked } from './connection.ts';
import { createFraming } from './framing.ts';
import { isOffered, SENT, type Exchange, type Offered } from '../wire/protocol.ts';

/** One authenticated connection to one broker. */
export interface OpenConnection {
  /** Settles when the connection may be used. Rejects with BROKER_UNAVAILABLE or ACCESS_DENIED. */
  readonly opened: Promise<void>;
  /** What the broker offers; of an opened connection. */
  offered(): Offered;
  /** Rejects with ServiceError, BROKER_UNSUPPORTED for a version that the broker does not offer. Without an answer in time the connection is closed: an answer that comes late has no one to go to. */
  send<T>(exchange: Exchange<T>, timeoutMs: number): Promise<T>;
  /** Opening or open. */
  alive(): boolean;
  isOpen(): boolean;
  /** Closes at once; everything in flight is rejected with `reason`. */
  destroy(reason: ServiceError): void;
}

interface ApiVersions {
  readonly apiVersions: readonly { apiKey: number; minVersion: number; maxVersion: number }[];
}
const apiVersions = codec<object, ApiVersions>('apiVersions', SENT.ApiVersions.version);
const SASL_KEYS = new Set([17, 36]);
const WITHOUT_LOGIN = new Set<number>([...SASL_KEYS, SENT.ApiVersions.key]);
const SASL_AUTHENTICATION_FAILED = 58;
/** kafkajs hands the bytes on with their length of 4 bytes before them. */
const EMPTY_BYTES = 4;
interface SaslAnswer {
  readonly authBytes?: Buffer | null;
}
const KEEP_ALIVE_MS = 30_000;

/** Asks a broker what it offers. */
export const askVersions = (): Exchange<ApiVersions> => apiVersions({});

export const toOffered = (answer: ApiVersions): Offered => {
  const offered: Record<number, { minVersion: number; maxVersion: number }> = {};
  for (const { apiKey, minVersion, maxVersion } of answer.apiVersions)
    offered[apiKey] = { minVersion, maxVersion };
  return offered;
};

/** kafkajs reports as errors what we classify and answer ourselves, so nothing of it is more than a debug line. */
const quiet = (log: Log): KafkajsLogger => {
  const none = (): void => undefined;
  const debug = (message: string, fields?: object): void => log.debug({ ...fields }, message);
  const logger: KafkajsLogger = {
    namespace: () => logger,
    error: debug,
    warn: debug,
    info: none,
    debug: none,
  };
  return logger;
};

const saslOptions = (sasl: NonNullable<Checked['sasl']>): object =>
  sasl.mechanism === 'oauthbearer'
    ? { mechanism: 'oauthbearer', oauthBearerProvider: sasl.token }
    : { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password };

/**
 * How a connection ended: it was of no more use `here`, which tells nothing about the broker; it `broke` or was left without an
 * answer; or it never could be used.
 */
type Ended = 'here' | 'broke' | 'unopened';

/** Opens a connection: TCP, TLS, version check, SASL, all within `connectionTimeoutMs`. `onEnded` runs once. */
export const openConnection = (
  address: Address,
  config: Checked,
  onEnded: (how: Ended) => void,
): OpenConnection => {
  const where = `${address.host}:${address.port}`;
  const waiting = new Set<(reason: ServiceError) => void>();
  let socket: net.Socket | undefined;
  let dead: ServiceError | undefined;
  let saslError: unknown;
  let offered: Offered = {};
  let open = false;

  const end = (reason: ServiceError, ours: boolean): void => {
    if (dead !== undefined) return;
    dead = reason;
    for (const reject of waiting) reject(reason);
    waiting.clear();
    connection.requestQueue.destroy();
    // With an error, so that kafkajs clears its own timers too.
    socket?.destroy(reason);
    onEnded(ours ? 'here' : open ? 'broke' : 'unopened');
  };
  const destroy = (reason: ServiceError): void => end(reason, false);

  const framing = createFraming(
    () => connection,
    config.clientId,
    () => destroy(unavailable(`${where} does not answer as Kafka does`, where)),
    config.pool,
  );
  const connection: Connection = new Connection({
    host: address.host,
    port: address.port,
    clientId: config.clientId,
    logger: quiet(config.log),
    ssl: config.tls ?? null,
    sasl: config.sasl === undefined ? null : saslOptions(config.sasl),
    // Our own timers are earlier: they close the socket, kafkajs leaves it open.
    connectionTimeout: config.connectionTimeoutMs + 5_000,
    requestTimeout: config.requestTimeoutMs,
    enforceRequestTimeout: false,
    maxInFlightRequests: null,
    socketFactory: ({ host, port, onConnect }) => {
      const named = net.isIP(host) === 0 ? { servername: host } : {};
      const plain = { host, port, onread: framing.onread };
      const opened =
        config.tls === undefined
          ? net.connect(plain, onConnect)
          : tls.connect({ ...plain, ...named, ...config.tls, rejectUnauthorized: true } as object, onConnect);
      // Requests are pipelined: Nagle would hold the second one until the first is acknowledged.
      opened.setNoDelay(true);
      opened.setKeepAlive(true, KEEP_ALIVE_MS);
      opened.once('close', () => destroy(unavailable(`the connection to ${where} was closed`, where)));
      socket = opened;
      return opened;
    },
  });
  const plainSend = async <T>(exchange: Exchange<T>): Promise<T> => {
    const { apiKey } = exchange.request;
    // The session of a login may be over: kafkajs logs in again, on the same socket.
    if (config.sasl !== undefined && !WITHOUT_LOGIN.has(apiKey) && !connection.isAuthenticated())
      await connection.authenticate();
    if (socket === undefined || !connection.isConnected())
      throw unavailable(`not connected to ${where}`, where);
    return framing.send(socket, exchange);
  };
  // The authenticator of kafkajs keeps only the text of an error, so that a lost connection looks like a wrong password.
  connection.send = async (exchange) => {
    if (!SASL_KEYS.has(exchange.request.apiKey)) return plainSend(exchange);
    try {
      const answer = await plainSend(exchange);
      // A refused token is answered without a code, with the reason in place of nothing; kafkajs takes it for a success.
      const length = (answer as SaslAnswer).authBytes?.length ?? 0;
      if (config.sasl?.mechanism === 'oauthbearer' && length > EMPTY_BYTES)
        throw fromCode(SASL_AUTHENTICATION_FAILED, `${where} refuses the token`, { broker: where });
      return answer;
    } catch (e) {
      saslError = e;
      throw e;
    }
  };

  const timed = <T>(work: () => Promise<T>, ms: number, what: string): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (dead !== undefined) return reject(dead);
      waiting.add(reject);
      const cancel = config.clock.after(ms, () =>
        destroy(unavailable(`${where} did not answer ${what} in ${ms} ms`, where)),
      );
      const settle = (): void => {
        cancel();
        waiting.delete(reject);
      };
      work().then(
        (value) => {
          settle();
          resolve(value);
        },
        (e: unknown) => {
          settle();
          const sasl = (e as { name?: string } | null)?.name === 'KafkaJSSASLAuthenticationError';
          const failed = toServiceError((sasl ? saslError : undefined) ?? e, `${what} failed at ${where}`, {
            broker: where,
          });
          reject(failed);
          if (sasl || !connection.isConnected()) destroy(failed);
        },
      );
    });

  const opening = async (): Promise<void> => {
    await connection.connect();
    offered = toOffered(await connection.send(askVersions()));
    connection.setVersions(offered);
    connection.setSupportAuthenticationProtocol(true);
    await connection.authenticate();
    open = true;
  };
  const opened = timed(opening, config.connectionTimeoutMs, 'the opening of a connection');
  opened.catch(destroy);
  const { observer, clock } = config;
  opened.then(
    () => observer?.connected(undefined),
    (e: ServiceError) => observer?.connected(e.code),
  );
  const send: OpenConnection['send'] = (exchange, timeoutMs) => {
    const { apiName, apiKey, apiVersion } = exchange.request;
    if (!isOffered(offered, { key: apiKey, version: apiVersion }))
      return Promise.reject(
        new ServiceError('BROKER_UNSUPPORTED', `${where} does not offer ${apiName} ${apiVersion}`, {
          broker: where,
          missing: [`${apiName} ${apiVersion}`],
        }),
      );
    return timed(() => connection.send(exchange), timeoutMs, apiName);
  };
  return {
    opened,
    offered: () => offered,
    send:
      observer === undefined
        ? send
        : async (exchange, timeoutMs) => {
            const since = clock.now();
            let code: string | undefined;
            try {
              return await send(exchange, timeoutMs);
            } catch (e) {
              code = (e as ServiceError).code;
              throw e;
            } finally {
              observer.requested(exchange.request.apiName, (clock.now() - since) / 1000, code);
            }
          },
    alive: () => dead === undefined,
    isOpen: () => open && dead === undefined,
    destroy: (reason) => end(reason, true),
  };
};

const unavailable = (message: string, broker: string): ServiceError =>
  new ServiceError('BROKER_UNAVAILABLE', message, { broker });
