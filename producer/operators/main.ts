// The thread for operators: its own connections to Kafka. What is read here is not the time of requests that submit.
import { randomFillSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { kafkaConnection, registryOptions } from '@verdikt/core/config/kafka.ts';
import { createUuidV7 } from '@verdikt/core/hash/uuid.ts';
import { quarantineTopic, topicNames } from '@verdikt/core/record/topics.ts';
import { createLogger } from '@verdikt/core/service/logger.ts';
import { ask, late, openDlqCluster, post as send } from '@verdikt/operate/adapters/cluster.ts';
import { createSchemaRegistry } from '@verdikt/schemas/registry.ts';
import type { EdgeConfig } from '../config.ts';
import { createOperators } from './operators.ts';
import type { FromOperators, ToOperators } from './remote.ts';

const config = workerData as EdgeConfig;
const port = parentPort as NonNullable<typeof parentPort>;
const post = (message: FromOperators): void => port.postMessage(message);
const readFile = (path: string): string => readFileSync(path, 'utf8');
const log = createLogger({
  level: config.logLevel,
  fields: { service: 'edge', thread: 'operators', pid: process.pid },
});
const { group } = config;
const names = topicNames(config.topicPrefix, group);
/** A principal of its own may write commands, where that of the edge may not. */
const { operatorSaslUsername: kafkaSaslUsername, operatorSaslPassword: kafkaSaslPassword } = config;
const login =
  kafkaSaslUsername === undefined || kafkaSaslPassword === undefined
    ? {}
    : { kafkaSaslUsername, kafkaSaslPassword };
const { kafka, cluster } = openDlqCluster(
  { ...kafkaConnection({ ...config, ...login }, readFile), log },
  group,
);

const fail = (error: unknown): void => {
  log.error({ err: error }, 'the thread for operators fails');
  post({ it: 'fails', message: String(error) });
};
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const operators = createOperators({
  cluster: { ...cluster, offset: kafka.committed, group: kafka.inspector().group },
  ...{ names, quarantine: quarantineTopic(names), group, ask, late, post: send },
  wait: async (ms) => {
    await after(ms);
  },
  registry: createSchemaRegistry(registryOptions(config)),
  ...{ processors: config.operatorProcessors, forecastToken: config.forecastToken },
  pace: { now: () => Date.now(), pause: (ms) => after(ms) },
  newId: createUuidV7({ now: Date.now, random: (into) => void randomFillSync(into) }),
  newReset: randomUUID,
  recordMaxBytes: config.recordMaxBytes,
  maxRedrives: config.maxRedrives,
});

const stop = async (): Promise<void> => {
  await cluster.close();
  port.close();
};

port.on('message', (m: ToOperators) => {
  if (m.do === 'stop') return void stop();
  const { n, question } = m;
  operators(question).then((answer) => post({ it: 'answers', n, answer }), fail);
});
