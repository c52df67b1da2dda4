import { at } from '@verdikt/core/at.ts';
import { hash, randomFillSync, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { createLogger } from '@verdikt/core/service/logger.ts';
import { serveManagement } from '@verdikt/core/service/management.ts';
import { createRegistry } from '@verdikt/core/service/metrics.ts';
import { createClientMetrics, type ClientMetrics } from '@verdikt/core/service/metrics-clients.ts';
import { runMain, runService } from '@verdikt/core/service/run-service.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { openMetricsPush } from '@verdikt/core/service/push-metrics.ts';
import { openTracer } from '@verdikt/core/tracing/tracer.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { submissionEncoderFor } from '@verdikt/schemas/connect.ts';
import { observed } from '@verdikt/schemas/observed.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createJwts, type Jwts } from './auth/jwt.ts';
import { loadEdgeConfig, type EdgeConfig } from './config.ts';
import { createEdgeMetrics } from './metrics.ts';
import { createEdgeService, type EdgePorts } from './service.ts';
import { createRemoteOperators } from './operators/remote.ts';
import { spawnOperators } from './operators/spawn.ts';
import { createRemoteView, type RemoteView } from './view/remote.ts';
import { spawnView } from './view/spawn.ts';

const portsOf = (kafka: Kafka, config: EdgeConfig, words: string, clients: ClientMetrics): EdgePorts => {
  const schemas = observed(createSchemaRegistry(registryOptions(config)), clients.asked);
  return {
    assertSupported: () => kafka.assertSupported('edge'),
    partitionCount: async (topic) => at(await kafka.partitionsOf([topic]), 0),
    encoder: () => submissionEncoderFor(schemas, words),
    openSink: () =>
      kafka.sink({
        topic: words,
        compression: config.wordsCompression,
        maxRecords: config.bufferMaxRecords,
        maxBytes: config.bufferMaxBytes,
        lingerMs: config.appendLingerMs,
        deliveryMs: config.appendTimeoutMs,
        // Time for a second try.
        requestTimeoutMs: Math.ceil(config.appendTimeoutMs / 2),
      }),
  };
};

/** Undefined: no issuer is configured. */
const jwtsOf = (c: EdgeConfig, log: Log): Jwts | undefined => {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtJwksUrl: jwksUrl } = c;
  if (issuer === undefined || audience === undefined || jwksUrl === undefined) return undefined;
  const { jwtAlgorithms: algorithms, jwtPrincipalClaim: principalClaim, jwtScopesClaim: scopesClaim } = c;
  const options = { issuer, audience, jwksUrl, algorithms, principalClaim, scopesClaim };
  return createJwts({ options, clock: systemClock, log, fetch });
};

const BUSY_LOOK_MS = 200;

/** So that it gives way. */
const tellHowBusy = (view: RemoteView): void => {
  let last = performance.eventLoopUtilization();
  const look = (): void => {
    const now = performance.eventLoopUtilization();
    view.edgeWas(performance.eventLoopUtilization(now, last).utilization);
    last = now;
  };
  setInterval(look, BUSY_LOOK_MS).unref();
};

/** Composition root: configuration, clients, the edge; released in reverse order. */
const main = async (): Promise<void> => {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const config = loadEdgeConfig(process.env, readFile);
  const log = createLogger({ level: config.logLevel, fields: { service: 'edge', pid: process.pid } });
  const { words } = topicNames(config.topicPrefix, config.group);
  const tracer = await openTracer({ config, serviceName: 'verdikt-edge', version: VERSION, log });
  const registry = createRegistry();
  const clients = createClientMetrics(registry);
  const pushed = await openMetricsPush({
    ...{ config, serviceName: 'verdikt-edge', version: VERSION, registry, log },
  });
  const kafka = createKafka({ ...kafkaConnection(config, readFile), log, observer: clients.kafka });
  const metrics = createEdgeMetrics(registry, {
    pending: () => edge.pending(),
    ready: () => edge.ready() === true,
    view: () => {
      const stats = view?.stats();
      return stats === undefined ? undefined : { ...stats, ageMs: Date.now() - stats.asOf };
    },
    version: VERSION,
  });
  const view = config.view
    ? createRemoteView({ spawn: spawnView(config), clock: systemClock, log })
    : undefined;
  if (view !== undefined) tellHowBusy(view);
  const operators = config.operators
    ? createRemoteOperators({ spawn: spawnOperators(config), clock: systemClock, log })
    : undefined;
  const edge = createEdgeService({
    ...{
      config,
      words,
      metrics,
      tracer,
      log,
      clock: systemClock,
      view,
      operators,
      jwts: jwtsOf(config, log),
      random: Math.random,
      ports: portsOf(kafka, config, words, clients),
    },
    newId: createUuidV7({ now: Date.now, random: (into) => void randomFillSync(into) }),
    sha256: (bytes) => hash('sha256', bytes, 'buffer'),
    equal: timingSafeEqual,
  });
  const management = await serveManagement({
    ...{ host: config.managementHost, port: config.managementPort, registry },
    live: () => true,
    ready: edge.ready,
  });

  await runService({
    ...{ name: 'edge', log, stopTimeoutMs: config.stopTimeoutMs },
    start: async () => {
      await edge.start();
      const address = edge.address();
      if (address !== undefined)
        log.info(
          { words, address, management: management.port, view: config.view, operators: config.operators },
          'the edge is up',
        );
    },
    stop: async () => {
      await edge.stop();
      await Promise.all([tracer?.close(), pushed?.close()]);
      await kafka.close();
      await management.close();
    },
  });
};

await runMain(main);
