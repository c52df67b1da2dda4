import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { fromCode, kafkaCode } from '../../../kafka/client/classify.ts';
import { codec } from '../../../kafka/client/compat.ts';
import type { Link } from '../../../kafka/client/link.ts';
import { createLogReader } from '../../../kafka/consume/log-reader.ts';
import { metadata } from '../../../kafka/client/metadata.ts';
import { SENT } from '../../../kafka/wire/protocol.ts';

const createTopics = codec<object, unknown>('createTopics', SENT.CreateTopics.version);

const WAIT_MS = 50;
/** Four minutes. */
const MOST_WAITS = 4_800;
/** The controller of a machine that stood still knows no broker that is alive, until they have told it so again. */
const INVALID_REPLICATION_FACTOR = 38;

/**
 * Creates a topic for a test and waits until every broker knows the leader of every partition: on a busy machine that takes
 * longer than a link waits for a topic that it does not find.
 */
export const createKnownTopic = async (
  link: Pick<Link, 'controller' | 'send' | 'nodes' | 'refresh'>,
  topic: string,
  numPartitions: number,
  config: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<void> => {
  // Records of tests are as old as they like; the first look of the broker at what has expired would take them away.
  const configEntries = Object.entries({ 'retention.ms': '-1', ...config }).map(([name, value]) => ({
    name,
    value,
  }));
  const { request, response } = createTopics({
    topics: [{ topic, numPartitions, replicationFactor, configEntries }],
    validateOnly: false,
    timeout: 10_000,
  });
  for (let i = 0; ; i++)
    try {
      await link.send(await link.controller(), request, response);
      break;
    } catch (e) {
      if (kafkaCode(e) !== INVALID_REPLICATION_FACTOR || i === MOST_WAITS) throw e;
      await pause(WAIT_MS);
    }
  const asked = metadata([topic]);
  for (const node of link.nodes())
    for (let i = 0; ; i++) {
      const [found] = (await link.send(node, asked.request, asked.response)).topics;
      if (found.error === 0 && found.leaders.filter((l) => l >= 0).length === numPartitions) break;
      if (i === MOST_WAITS) throw fromCode(found.error, `topic ${topic} is not known to ${node}`);
      await pause(WAIT_MS);
    }
  await link.refresh([topic]);
};

/** The same, and each leader leads: a writer that meets one that does not yet cannot tell what became of its batch. */
export const createTopic = async (
  link: Link,
  topic: string,
  numPartitions: number,
  config: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<void> => {
  await createKnownTopic(link, topic, numPartitions, config, replicationFactor);
  const logs = createLogReader({ link, clock: systemClock });
  for (let p = 0; p < numPartitions; p++) await logs.bounds(topic, p);
};

const deleteTopics = codec<object, unknown>('deleteTopics', 1);

/** Deletes a topic and waits until no broker knows it any more. */
export const deleteTopic = async (
  link: Pick<Link, 'controller' | 'send' | 'nodes'>,
  topic: string,
): Promise<void> => {
  const { request, response } = deleteTopics({ topics: [topic], timeout: 10_000 });
  await link.send(await link.controller(), request, response);
  const asked = metadata([topic]);
  for (const node of link.nodes())
    while ((await link.send(node, asked.request, asked.response)).topics[0].error !== 3) await pause(WAIT_MS);
};

/** The brokers of the environment; throws where a test that needs them runs without. */
export const kafkaBrokers = (env: Readonly<Record<string, string | undefined>>): string => {
  const brokers = env.KAFKA_BROKERS;
  if (brokers === undefined || brokers === '')
    throw new Error('This test needs KAFKA_BROKERS=host:port[,host:port]');
  return brokers;
};
