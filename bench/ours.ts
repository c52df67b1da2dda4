// Our processor, at least once: `ours.ts TASK`. As processor/main.ts, but for the port that writes.
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { createLogger } from '@verdikt/core/service/logger.ts';
import { createRegistry } from '@verdikt/core/service/metrics.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { createChain } from '@verdikt/processor/checks/chain.ts';
import { loadProcessorConfig } from '@verdikt/processor/config.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { patience } from '../processor/live.ts';
import { createReport } from '../processor/report.ts';
import { DEFAULT_MEMORY_LIMIT_MIB, memoryPlan } from '@verdikt/processor/memory.ts';
import { createProcessor } from '@verdikt/processor/service.ts';
import { createSubmissionCodec } from '@verdikt/schemas/codec.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import { createVerdictEncoder } from '@verdikt/schemas/verdict.ts';
import { atLeastOnce } from './at-least-once.ts';
import type { WorkerTask } from './kafka-cell.ts';
import { offsetGroupOf, processorEnv } from './ours-cell.ts';

const task = JSON.parse(process.argv[2]) as WorkerTask;
const noFile = (path: string): string => {
  throw new Error(`no file is read: ${path}`);
};
const config = loadProcessorConfig(processorEnv(task), noFile);
const { brokers, clientId, group, partitions } = config;
const log = createLogger({ level: config.logLevel });
const topics = systemTopics(config);
const kafka = createKafka({ brokers, clientId, log });
const chain = await createChain(config.chain, { readFile: noFile, clock: systemClock });
const source = kafka.source({
  topic: topics.words,
  readAheadBytes: config.readAheadMaxBytes,
  fetchBytes: config.fetchMaxBytes,
});
const report = createReport({
  patience: patience(config.requestTimeoutMs),
  registry: createRegistry(),
  topic: topics.words,
  deadLetterTopic: topics.deadLetters,
  partitions,
  source,
  tasks: () => processor.worker.tasks(),
  joined: () => processor.worker.joined(),
  grown: () => processor.grown(),
  now: Date.now,
  version: 'bench',
});
const processor = createProcessor({
  ...{ config, topics, chain, log, memory: memoryPlan(DEFAULT_MEMORY_LIMIT_MIB, partitions) },
  ports: {
    membership: kafka.membership({ group, partitions, topics: Object.values(topics) }),
    transactions: atLeastOnce(kafka, offsetGroupOf(task), topics.words),
    source,
    control: kafka.source({ topic: topics.control }),
    logs: kafka.logs(),
    trimmer: kafka.admin(),
  },
  partitionsOf: kafka.partitionsOf,
  reader: createSubmissionCodec(createSchemaRegistry({ url: task.registryUrl }), { clock: systemClock }),
  assertSupported: () => kafka.assertSupported('processor'),
  encoder: () => Promise.resolve(createVerdictEncoder({ format: 'json' })),
  events: report,
});
process.once('SIGTERM', () => {
  void processor
    .stop()
    .then(() => kafka.close())
    .then(() => process.exit(0));
});
await processor.start();
