import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createKafka, type Kafka } from '../connect.ts';
import { readAll } from '@verdikt/test/support/kafka/read-all.ts';
import { kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { lastAnswer } from '@verdikt/test/support/wait.ts';

const brokers = kafkaBrokers(process.env).split(',');
const run = `admin-${Date.now()}`;

let kafka: Kafka;
let admin: ReturnType<Kafka['admin']>;
const spec = (name: string, configs: Record<string, string> = {}, replicationFactor = 1) => ({
  name: `${run}-${name}`,
  partitions: 3,
  replicationFactor,
  configs,
});

beforeAll(() => {
  kafka = createKafka({ brokers, clientId: 'test' });
  admin = kafka.admin();
});
afterAll(() => kafka.close());

describe('topics', () => {
  test('are created with their settings and described; asking creates none', async () => {
    const plain = spec('plain');
    const kept = spec('kept', { 'retention.ms': '-1', 'max.message.bytes': '2000000' });
    expect(await admin.describe([plain.name, kept.name])).toEqual([]);
    await admin.create([plain, kept]);
    const found = await admin.describe([kept.name, plain.name, `${run}-none`]);
    expect(found.map((t) => [t.name, t.partitions, t.replicationFactor]).sort()).toEqual([
      [kept.name, 3, 1],
      [plain.name, 3, 1],
    ]);
    const state = found.find((t) => t.name === kept.name)!;
    expect(state.overrides).toEqual(kept.configs);
    expect(state.configs).toMatchObject({ ...kept.configs, 'cleanup.policy': 'delete' });
    expect(await admin.describe([`${run}-none`])).toEqual([]);
    expect(await kafka.partitionsOf([plain.name, kept.name])).toEqual([3, 3]);
    await expect(kafka.partitionsOf([plain.name, `${run}-none`])).rejects.toMatchObject({
      code: 'TOPIC_INVALID',
    });
  });

  test('that exist are left as they are', async () => {
    const first = spec('twice', { 'retention.ms': '1000000' });
    await admin.create([first]);
    await admin.create([{ ...first, configs: {} }, spec('other')]);
    const [state] = await admin.describe([first.name]);
    expect(state.overrides).toEqual(first.configs);
    expect(await admin.describe([spec('other').name])).toHaveLength(1);
  });

  test.each([
    ['for want of brokers', spec('replicas', {}, 7)],
    ['for a setting that is none', spec('setting', { 'no.such': '1' })],
    ['for its name', { ...spec('x'), name: `${run} x` }],
  ])('are refused %s', async (_, topic) => {
    await expect(admin.create([topic])).rejects.toMatchObject({
      code: 'TOPIC_INVALID',
      details: { topic: topic.name },
    });
  });

  test('have their overrides replaced as a whole', async () => {
    const topic = spec('overrides', { 'retention.ms': '1000000', 'segment.bytes': '2000000' });
    await admin.create([topic]);
    await admin.replaceOverrides(topic.name, { 'retention.ms': '2000000' });
    // The broker answers before it has applied them itself.
    const applied = async () => (await admin.describe([topic.name]))[0].overrides;
    const overrides = await lastAnswer(applied, (all) => !('segment.bytes' in all));
    expect(overrides).toEqual({ 'retention.ms': '2000000' });
    const wrong = admin.replaceOverrides(topic.name, { 'retention.ms': 'soon' });
    await expect(wrong).rejects.toMatchObject({ code: 'TOPIC_INVALID', details: { topic: topic.name } });
    const missing = admin.replaceOverrides(`${run}-none`, {});
    await expect(missing).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
  });
});

describe('the start of a log', () => {
  test('is cut up to an offset, not beyond the end', async () => {
    const topic = spec('trim');
    await admin.create([topic]);
    // Asks until its leader is there: a writer gives up when it is not.
    await kafka.logs().bounds(topic.name, 1);
    const transactions = kafka.transactions({ group: run, words: topic.name });
    const t = await transactions.fence(1);
    const records = [0, 1, 2, 3].map((n) => ({ key: null, value: `${n}`, headers: [] }));
    await t.commit({ outputs: [{ topic: topic.name, records }], nextOffset: null });
    await t.close();
    const link = kafka.link();
    expect(await readAll(link, topic.name, 1)).toHaveLength(4);
    await admin.trim(topic.name, 1, 3);
    await expect(admin.trim(topic.name, 1, 99)).rejects.toMatchObject({ code: 'OFFSET_LOST' });
    await expect(admin.trim(`${run}-none`, 0, 1)).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
    expect((await readAll(link, topic.name, 1, 3)).map((r) => r.offset)).toEqual([3]);
    await expect(readAll(link, topic.name, 1, 2)).rejects.toThrow();
  });
});

test('who is in a group, and with which tasks', async () => {
  const group = `${run}-group`;
  expect(await admin.groupMembers(group)).toEqual({ state: 'Dead', members: [] });
  const topic = spec('group');
  await admin.create([topic]);
  const membership = kafka.membership({ group, topics: [topic.name], partitions: 3 });
  await membership.start({ assigned: () => undefined, lost: () => undefined, refused: () => undefined });
  const { state, members } = await admin.groupMembers(group);
  expect(state).toBe('Stable');
  expect(members).toEqual([expect.objectContaining({ clientId: 'test', tasks: [0, 1, 2] })]);
  await membership.stop();
  expect(await admin.groupMembers(group)).toEqual({ state: 'Empty', members: [] });
});

test('close ends what is open, later calls are rejected', async () => {
  const own = createKafka({ brokers, clientId: 'test' });
  await own.assertSupported('processor');
  await own.close();
  await expect(own.assertSupported('processor')).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
});
