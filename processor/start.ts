import { readFileSync } from 'node:fs';
import { housekeeping, systemClock } from '@verdikt/core/ports/clock.ts';
import type { ReadFile } from '@verdikt/core/config/config.ts';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { FORECAST_PATH } from '@verdikt/core/service/forecast.ts';
import { createLogger } from '@verdikt/core/service/logger.ts';
import { serveManagement, type Management } from '@verdikt/core/service/management.ts';
import { createRegistry } from '@verdikt/core/service/metrics.ts';
import { createClientMetrics } from '@verdikt/core/service/metrics-clients.ts';
import { runService } from '@verdikt/core/service/run-service.ts';
import { VERSION } from '@verdikt/core/service/version.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { openMetricsPush } from '@verdikt/core/service/push-metrics.ts';
import { openTracer } from '@verdikt/core/tracing/tracer.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import { verdictEncoderFor } from '@verdikt/schemas/connect.ts';
import { observed } from '@verdikt/schemas/observed.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { createChain } from './checks/chain.ts';
import { createForecaster } from './checks/forecast.ts';
import type { OwnChainSpec } from './checks/stages.ts';
import { compressionsOf } from './config-compression.ts';
import { loadProcessorConfig, type ProcessorConfig } from './config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { createForecasts } from './forecasts.ts';
import { patience } from './live.ts';
import { createReport } from './report.ts';
import { IDLE_SCAN_BYTES, idleAnswerBytes, memoryLimit, memoryPlan } from './memory.ts';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { createProcessor, type ProcessorPorts } from './service.ts';
import { statusOf } from './status.ts';

/** There is seldom anything to read: few requests, little memory. One record may go over it. */
const CONTROL_READ_AHEAD_BYTES = 64 * 1024;
const CONTROL_WAIT_MS = 1_000;

const kafkaPorts = (
  kafka: Kafka,
  c: ProcessorConfig,
  log: Log,
  managementPort: () => number | undefined,
): ProcessorPorts => {
  const topics = systemTopics(c);
  const { group, partitions, requestTimeoutMs, transactionTimeoutMs, maxBatchBytes } = c;
  return {
    membership: kafka.membership({
      group: systemId(topics.words, group),
      ...{ partitions, topics: Object.values(topics), managementPort },
      sessionTimeoutMs: c.sessionTimeoutMs,
      heartbeatMs: c.heartbeatIntervalMs,
    }),
    transactions: kafka.transactions({
      ...{ group, words: topics.words, transactionTimeoutMs, maxBatchBytes },
      compressions: compressionsOf(c, topics),
      outputs: [topics.results, topics.retry, topics.deadLetters, topics.control],
      hanging: (found) => log.warn(found, 'ended what the broker had left open of an older transaction'),
      requestTimeoutMs: Math.min(requestTimeoutMs, transactionTimeoutMs),
    }),
    source: kafka.source({
      topic: topics.words,
      readAheadBytes: c.readAheadMaxBytes,
      fetchBytes: c.fetchMaxBytes,
      pool: new BytePool(idleAnswerBytes(c.fetchMaxBytes), housekeeping),
    }),
    control: kafka.source({
      topic: topics.control,
      readAheadBytes: CONTROL_READ_AHEAD_BYTES,
      fetchBytes: c.fetchMaxBytes,
      maxWaitMs: CONTROL_WAIT_MS,
    }),
    logs: kafka.logs({ pool: new BytePool(IDLE_SCAN_BYTES, housekeeping) }),
    trimmer: kafka.admin(),
  };
};

/** Forecasts by a chain as this one, with connections of its own. */
const forecastsOf = (
  config: ProcessorConfig,
  chain: readonly OwnChainSpec[],
  registry: SchemaRegistry,
  readFile: ReadFile,
) => {
  const { words: wordsTopic } = systemTopics(config);
  const deps = { chain, proxies: config, registry, wordsTopic, clock: systemClock, readFile };
  return createForecasts({
    ...{ system: systemId(wordsTopic, config.group), token: config.forecastToken },
    open: (all) => createForecaster(deps, all),
  });
};

export interface ProcessorOptions {
  /** In place of the chain of the configuration; checks of your own may stand in it as they are. @default that of the configuration */
  readonly chain?: readonly OwnChainSpec[];
  /** Settings, as docs/reference/configuration.md names them. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a processor in this process: configuration, clients, the processor; released in reverse order on SIGTERM or SIGINT, which end
 * the process. Resolves when it is a member of the group. Rejects CONFIG_INVALID; a start that fails later ends the process with 1.
 */
export const startProcessor = async ({
  chain: specs,
  env = process.env,
}: ProcessorOptions = {}): Promise<void> => {
  const readFile = (path: string): string => readFileSync(path, 'utf8');
  const config = loadProcessorConfig(env, readFile);
  const log = createLogger({ level: config.logLevel, fields: { service: 'processor', pid: process.pid } });
  const limitMiB = memoryLimit(config.memoryLimitMiB, process.constrainedMemory());
  const memory = memoryPlan(limitMiB, config.partitions);
  const topics = systemTopics(config);
  const tracer = await openTracer({ config, serviceName: 'verdikt-processor', version: VERSION, log });
  const registry = createRegistry();
  // One Prometheus job may hold several groups.
  registry.setDefaultLabels({ group: config.group });
  const clients = createClientMetrics(registry);
  const pushed = await openMetricsPush({
    ...{ config, serviceName: 'verdikt-processor', version: VERSION, registry, log },
  });
  const kafka = createKafka({ ...kafkaConnection(config, readFile), log, observer: clients.kafka });
  const schemas = observed(createSchemaRegistry(registryOptions(config)), clients.asked);
  let management: Management | undefined = undefined as Management | undefined;
  const ports = kafkaPorts(kafka, config, log, () => management?.port);

  const report = createReport({
    ...{ registry, topic: topics.words, deadLetterTopic: topics.deadLetters },
    ...{ partitions: config.partitions, source: ports.source },
    tasks: () => processor.worker.tasks(),
    joined: () => processor.worker.joined(),
    grown: () => processor.grown(),
    ...{ now: systemClock.now, version: VERSION },
    patience: patience(config.requestTimeoutMs),
  });
  const stages = specs ?? config.chain;
  const chain = await createChain(stages, {
    ...{ readFile, clock: systemClock, log },
    ...{ attempts: config.checkConcurrency, proxies: config, observer: report.checks },
  });
  const reader = createSubmissionCodec(schemas, { clock: systemClock, wordsTopic: topics.words });
  const processor = createProcessor({
    ...{ config, memory, topics, ports, chain, tracer, log },
    partitionsOf: kafka.partitionsOf,
    reader,
    assertSupported: () => kafka.assertSupported('processor'),
    encoder: async () => {
      await reader.warm();
      return await verdictEncoderFor(config.resultsFormat, schemas, topics.results);
    },
    events: report,
  });
  const system = systemId(topics.words, config.group);
  const forecasts = forecastsOf(config, stages, schemas, readFile);
  management = await serveManagement({
    ...{ host: config.managementHost, port: config.managementPort, registry },
    posts: { [FORECAST_PATH]: forecasts },
    live: report.live,
    ready: () => processor.ready(),
    note: () => processor.note(),
    status: () =>
      statusOf({
        ...{ version: VERSION, system, now: systemClock.now() },
        ...{ joined: processor.worker.joined(), standby: processor.worker.standby() },
        ...{ refusal: processor.worker.refusal(), grown: processor.grown(), tasks: processor.worker.tasks() },
        ...{ source: ports.source, circuits: report.circuits },
        ...{ rssBytes: process.memoryUsage.rss(), limitBytes: memory.limitBytes },
      }),
  });

  await runService({
    ...{ name: 'processor', log, stopTimeoutMs: config.stopTimeoutMs },
    start: async () => {
      await processor.start();
      // It was stopped before it was up.
      if (processor.ready() === 'stopping') return;
      log.info({ group: config.group, topics, management: management.port }, 'the processor is up');
    },
    stop: async () => {
      await processor.stop();
      await Promise.all([chain.close(), forecasts.close()]);
      await Promise.all([tracer?.close(), pushed?.close()]);
      await kafka.close();
      await management.close();
    },
  });
};
