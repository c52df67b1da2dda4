import { codec } from '../compat.ts';
import type { Link } from '../link.ts';
import { SENT } from '../protocol.ts';

const createTopics = codec<object, unknown>('createTopics', SENT.CreateTopics.version);

/** Creates a topic for a test and waits until every partition has a leader. */
export const createTopic = async (
  link: Link,
  topic: string,
  numPartitions: number,
  config: Readonly<Record<string, string>> = {},
  replicationFactor = 1,
): Promise<void> => {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const { request, response } = createTopics({
    topics: [{ topic, numPartitions, replicationFactor, configEntries }],
    validateOnly: false,
    timeout: 10_000,
  });
  await link.send(await link.controller(), request, response);
  for (let i = 0; i < numPartitions; i++) await link.leader(topic, i);
};

/** The brokers of the environment; throws where a test that needs them runs without. */
export const kafkaBrokers = (env: Readonly<Record<string, string | undefined>>): string => {
  const brokers = env.KAFKA_BROKERS;
  if (brokers === undefined || brokers === '')
    throw new Error('This test needs KAFKA_BROKERS=host:port[,host:port]');
  return brokers;
};
