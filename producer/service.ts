import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createStartupRetry } from '@verdikt/core/service/startup-retry.ts';
import { buildApp } from './http/app.ts';
import type { EdgeConfig } from './config.ts';
import { createIngest, type IngestDeps } from './intake/ingest.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { Tracer } from '@verdikt/core/tracing/tracing.ts';
import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import { createMisaddressed } from './auth/addressed.ts';
import { anonymousScopes, createIdentify, openness } from './auth/identify.ts';
import type { Jwts } from './auth/jwt.ts';
import { createTokens, type TokenDeps } from './auth/tokens.ts';
import { createEdgeTracing, tracedSink } from './tracing.ts';
import type { RemoteOperators } from './operators/remote.ts';
import type { RemoteView } from './view/remote.ts';

/** What the edge needs of Kafka and the registry. Each may reject with ServiceError and is then asked again, or the start fails. */
export interface EdgePorts {
  assertSupported(): Promise<void>;
  /** Rejects TOPIC_INVALID when the topic does not exist. */
  partitionCount(topic: string): Promise<number>;
  /** Encodes values of `words` under the schema id that the registry has now. */
  encoder(): Promise<IngestDeps['encode']>;
  openSink(): Promise<RecordSink>;
}

interface EdgeServiceDeps extends TokenDeps {
  readonly config: EdgeConfig;
  /** Name of the topic. */
  readonly words: string;
  readonly ports: EdgePorts;
  readonly newId: () => string;
  readonly metrics: EdgeMetrics;
  readonly clock: Clock;
  /** Undefined: this edge keeps none. Started and stopped with the service. */
  readonly view?: RemoteView | undefined;
  /** Undefined: no issuer is configured. Started and stopped as well. */
  readonly jwts?: Jwts | undefined;
  /** Undefined: operators are served elsewhere. Stopped as well. */
  readonly operators?: RemoteOperators | undefined;
  readonly random: () => number;
  /** Undefined: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  readonly log: Log;
}

export interface EdgeService {
  /**
   * Resolves when it takes submissions, or when it was stopped before. Waits as long as Kafka or the registry is away.
   * Rejects with ServiceError when waiting cannot help: TOPIC_INVALID, BROKER_UNSUPPORTED, CONFIG_INVALID.
   */
  start(): Promise<void>;
  /** Takes nothing new, answers everything that was taken, then closes the sink. Never rejects; safe to call twice. */
  stop(): Promise<void>;
  /** True, or why it takes no submissions now. */
  ready(): boolean | string;
  pending(): { readonly records: number; readonly bytes: number };
  /** Where the REST API listens; undefined while it does not. */
  address(): AddressInfo | undefined;
}

/** Part of the time to stop after which connections are closed whatever they do. */
const PATIENCE = 0.8;
const NOTHING = { records: 0, bytes: 0 };

export const createEdgeService = (d: EdgeServiceDeps): EdgeService => {
  const { config, words, ports, clock, log } = d;
  let app: FastifyInstance | undefined;
  let sink: RecordSink | undefined;
  let listening = false;
  let stopping = false;
  let waitingFor = 'starting';
  let stopped: Promise<void> | undefined;

  const startup = createStartupRetry({
    clock,
    log,
    waitingFor: (code) => {
      waitingFor = code;
    },
  });

  const checkTopic = async (): Promise<void> => {
    const partitions = await ports.partitionCount(words);
    if (partitions === config.partitions) return;
    throw new ServiceError(
      'TOPIC_INVALID',
      `${words} has ${partitions} partitions, not ${config.partitions}. Remedy: set VERDIKT_PARTITIONS to ${partitions}, or use the topicPrefix that was meant.`,
      { topic: words, partitions, expected: config.partitions },
    );
  };

  const listen = async (a: FastifyInstance): Promise<void> => {
    try {
      await a.listen({ host: config.host, port: config.port });
    } catch (e) {
      throw new ServiceError(
        'CONFIG_INVALID',
        `Cannot listen on ${config.host}:${config.port}. Remedy: set port to a free one, and host to an address of this machine.`,
        { field: 'port' },
        e,
      );
    }
  };

  const start = async (): Promise<void> => {
    const encode = await startup.until(async () => {
      await ports.assertSupported();
      await checkTopic();
      return ports.encoder();
    });
    if (encode === undefined) return;
    sink = await startup.until(ports.openSink);
    if (sink === undefined || stopping) return;
    const { partitions, topicId } = sink;
    const { newId, sha256, tracer } = d;
    const tracing = tracer && createEdgeTracing(tracer, words);
    const ingest = createIngest({ limits: config, partitions, topicId, encode, newId, sha256, tracing });
    const appends = tracer === undefined ? sink : tracedSink(sink);
    const { view, random, metrics, jwts, operators } = d;
    const tokens = config.tokens.length === 0 ? undefined : createTokens(config.tokens, d);
    const identify = createIdentify({ tokens, jwts, anonymous: anonymousScopes(config) });
    const open = openness(config);
    if (open !== undefined) log[open.level]({ host: config.host }, open.text);
    app = buildApp({
      misaddressed: createMisaddressed(config),
      ...{ limits: config, ingest, sink: appends, identify, clock, log, metrics },
      ...{ view, operators, partitions, random },
      draining: () => stopping,
    });
    view?.start();
    jwts?.start();
    await listen(app);
    listening = true;
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    startup.end();
    if (app !== undefined) {
      const { server } = app;
      const { drainDelayMs, stopTimeoutMs } = config;
      if (drainDelayMs > 0 && listening) {
        log.info({ drainDelayMs }, 'not ready; requests are accepted until the load balancer has noticed');
        await new Promise<void>((resolve) => clock.after(drainDelayMs, resolve));
      }
      const patience = (stopTimeoutMs - drainDelayMs) * PATIENCE;
      const cancel = clock.after(patience, () => server.closeAllConnections());
      await app.close();
      cancel();
    }
    d.jwts?.stop();
    await Promise.all([d.view?.stop(), d.operators?.stop()]);
    await sink?.stop();
  };

  return {
    start,
    stop: () => (stopped ??= stop().catch((err: unknown) => log.error({ err }, 'the stop failed'))),
    ready: () => {
      if (stopping) return 'stopping';
      if (!listening || sink === undefined) return waitingFor;
      return sink.healthy() || 'Kafka does not take records';
    },
    pending: () => sink?.pending() ?? NOTHING,
    address: () => (listening && app !== undefined ? (app.server.address() as AddressInfo) : undefined),
  };
};
