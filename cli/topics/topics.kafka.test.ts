// Against a real cluster at KAFKA_BROKERS.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { quarantineTopic, topicNames } from '@verdikt/core/record/topics.ts';
import { createKafka, type Kafka } from '@verdikt/kafka/connect.ts';
import type { TopicAdmin } from '@verdikt/core/ports/topics.ts';
import { applyTopics } from './topics.ts';
import { wantedTopics } from './wanted.ts';

const names = topicNames(`${randomUUID()}.`, 'g');
const all = [...Object.values(names), quarantineTopic(names)];
const options = { partitions: 2, replicationFactor: 1, minInsyncReplicas: 1 };

let kafka: Kafka;
let admin: TopicAdmin;
beforeAll(() => {
  const brokers = process.env.KAFKA_BROKERS ?? '';
  if (brokers === '')
    throw new Error('Set KAFKA_BROKERS to the brokers of a running cluster, host:port, comma-separated.');
  kafka = createKafka({ brokers: brokers.split(','), clientId: 'cli-test' });
  admin = kafka.admin();
});
afterAll(() => kafka.close());

test('topics are created as promised, kept on a second run, and brought back from drift', async () => {
  expect((await applyTopics(admin, names, options)).create.map((t) => t.name)).toEqual(all);
  const state = await admin.describe(all);
  for (const spec of wantedTopics(names, options)) {
    const found = state.find((t) => t.name === spec.name);
    expect(found).toMatchObject({ partitions: 2, configs: spec.configs });
  }
  expect((await applyTopics(admin, names, options)).unchanged).toEqual(all);

  await admin.replaceOverrides(names.retry, { 'retention.ms': '1000', 'segment.bytes': '2000000' });
  // A broker shows a setting a moment after it was taken.
  const setting = async (): Promise<string | undefined> =>
    (await admin.describe([names.retry]))[0].overrides['retention.ms'];
  while ((await setting()) !== '1000');
  const { change } = await applyTopics(admin, names, options);
  expect(change.map((c) => c.name)).toEqual([names.retry]);
  while ((await setting()) === '1000');
  const [retry] = await admin.describe([names.retry]);
  expect(retry.overrides).toMatchObject({
    'retention.ms': '-1',
    'message.timestamp.type': 'LogAppendTime',
    'segment.bytes': '2000000',
  });

  const grown = applyTopics(admin, names, { ...options, partitions: 3 });
  await expect(grown).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
});
