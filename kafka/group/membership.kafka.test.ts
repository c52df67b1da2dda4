import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { openKafkaTools } from '@verdikt/local/kafka-tools.ts';
import { createLink } from '../client/link.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { createMember, type Member } from '@verdikt/test/support/kafka/members.ts';
import { createTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { until } from '@verdikt/test/support/wait.ts';

const brokers = kafkaBrokers(process.env).split(',');
const run = `membership-${Date.now()}`;
const WORDS = `${run}-words`;
const SESSION_MS = 6_000;

let groups = 0;
const members: Member[] = [];

beforeAll(async () => {
  const link = createLink({ brokers, clientId: 'test' });
  await createTopic(link, WORDS, 12);
  await link.close();
});

afterEach(async () => {
  for (const m of members.splice(0)) await m.membership.stop();
});

const create = (group: string, partitions: number, topics: readonly string[] = [WORDS]): Member => {
  const member = createMember(brokers, {
    ...{ group, topics, partitions },
    ...{ sessionTimeoutMs: SESSION_MS, heartbeatMs: 200 },
  });
  members.push(member);
  return member;
};
const nextGroup = (): string => `${run}-${++groups}`;
const common = (a: readonly number[], b: readonly number[]): number => a.filter((t) => b.includes(t)).length;
/** All tasks dealt out once, in one generation. */
const settled = async (generation: number, ...of: Member[]): Promise<void> => {
  const now = await Promise.all(of.map((m) => m.until((a) => a.generation >= generation)));
  expect(new Set(now.map((a) => a.generation)).size).toBe(1);
  expect(now.flatMap((a) => a.tasks).sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
};

test('one to two to three members move as few tasks as possible; one leaves, its tasks alone move', async () => {
  const group = nextGroup();
  const [a, b, c] = [create(group, 12), create(group, 12), create(group, 12)];
  await a.start();
  expect(a.tasks()).toHaveLength(12);
  await b.start();
  await settled(b.seen[0].generation, a, b);
  expect([a.tasks().length, b.tasks().length]).toEqual([6, 6]);
  const before = [a.tasks(), b.tasks()];
  await c.start();
  await settled(c.seen[0].generation, a, b, c);
  expect([common(before[0], a.tasks()), common(before[1], b.tasks())]).toEqual([4, 4]);
  expect(await a.membership.owns(a.tasks()[0])).toBe(true);
  expect(await a.membership.owns(c.tasks()[0])).toBe(false);
  const kept = [a.tasks(), c.tasks()];
  await b.membership.stop();
  await settled(c.seen[0].generation + 1, a, c);
  expect([common(kept[0], a.tasks()), common(kept[1], c.tasks())]).toEqual([4, 4]);
  expect([a.lost, b.lost, c.lost]).toEqual([0, 0, 0]);
});

test('a silent member is replaced after the session time-out and knows it', async () => {
  const group = nextGroup();
  const [a, b] = [create(group, 12), create(group, 12)];
  await a.start();
  await b.start();
  await settled(b.seen[0].generation, a, b);
  await b.kill();
  const all = await a.until((x) => x.tasks.length === 12);
  expect(all.generation).toBeGreaterThan(b.seen[0].generation);
  await b.whenLost;
  expect(await b.membership.owns(b.tasks()[0])).toBe(false);
});

test('of four members of three tasks one stands by and takes over', async () => {
  const group = nextGroup();
  const four = [0, 1, 2, 3].map(() => create(group, 3));
  for (const m of four) await m.start();
  const generation = four[3].seen[0].generation;
  const now = await Promise.all(four.map((m) => m.until((x) => x.generation >= generation)));
  expect(now.map((x) => x.tasks.length).sort()).toEqual([0, 1, 1, 1]);
  const standby = four.find((m) => m.tasks().length === 0)!;
  const leaving = four.find((m) => m.tasks().length === 1)!;
  const task = leaving.tasks()[0];
  await leaving.membership.stop();
  expect((await standby.until((x) => x.tasks.length === 1)).tasks).toEqual([task]);
});

test('a member of another system is refused while the group is at work, and takes it over when that is free', async () => {
  const group = nextGroup();
  const [a, b] = [create(group, 12), create(group, 6, [WORDS, 'other'])];
  await a.start();
  const started = b.start();
  await until('a refusal', () => b.refusal !== undefined);
  expect(b.refusal?.code).toBe('GROUP_TAKEN');
  await a.until((x) => x.generation > a.seen[0].generation);
  expect([a.tasks().length, a.refusal, b.tasks()]).toEqual([12, undefined, []]);
  expect(a.seen.at(-1)?.group).toMatchObject({ members: 1, tasks: 12 });
  await a.membership.stop();
  await started;
  expect(b.tasks()).toHaveLength(6);
});

test('two systems with one group name on one cluster own all of their tasks each', async () => {
  const name = nextGroup();
  const [a, b] = ['one.', 'two.'].map((prefix) => create(systemId(`${prefix}words`, name), 12));
  await Promise.all([a.start(), b.start()]);
  expect([a.tasks().length, b.tasks().length]).toEqual([12, 12]);
  expect([a.refusal, b.refusal]).toEqual([undefined, undefined]);
});

test('a member that stands by, and not one that was refused, takes over from the one that worked', async () => {
  const group = nextGroup();
  const intruder = create(group, 1, [WORDS, 'other']);
  const [a, b] = [create(group, 1), create(group, 1)];
  await a.start();
  await b.start();
  const started = intruder.start().catch(() => undefined);
  await until('a refusal', () => intruder.refusal !== undefined);
  const [works, waits] = a.tasks().length === 1 ? [a, b] : [b, a];
  await works.membership.stop();
  await waits.until((x) => x.tasks.length === 1);
  expect(intruder.seen).toEqual([]);
  await intruder.membership.stop();
  await started;
});

test('a consumer that is none of ours keeps its group; a processor says so and comes in when it is gone', async () => {
  const groupId = nextGroup();
  const kafka = new Kafka({ clientId: 'foreign', brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [WORDS] });
  await consumer.run({ eachMessage: () => Promise.resolve() });
  await joined;
  const ours = create(groupId, 12);
  const started = ours.start();
  await until('a refusal', () => ours.refusal !== undefined);
  expect(ours.refusal?.code).toBe('GROUP_TAKEN');
  expect(ours.refusal?.message).toContain('no processors of verdikt');
  await consumer.disconnect();
  await started;
  expect(ours.tasks()).toHaveLength(12);
});

test('where the broker deals out the partitions, a processor takes none of them', async () => {
  const group = nextGroup();
  const tools = await openKafkaTools();
  const consumer = tools.spawn(
    'console-consumer',
    [
      ...['--bootstrap-server', brokers[0], '--topic', WORDS, '--group', group],
      ...['--command-property', 'group.protocol=consumer'],
    ],
    'ignore',
  );
  const gone = new Promise((resolve) => consumer.on('exit', resolve));
  try {
    const listed = ['--bootstrap-server', brokers[0], '--describe', '--group', group, '--state'];
    for (let state = ''; !state.includes('Stable');)
      state = await tools.run('consumer-groups', listed).catch(() => '');
    const ours = create(group, 12);
    const started = ours.start().catch(() => undefined);
    await until('a refusal or tasks', () => ours.refusal !== undefined || ours.seen.length > 0);
    expect(ours.seen).toEqual([]);
    expect(ours.refusal?.code).toBe('GROUP_TAKEN');
    await ours.membership.stop();
    await started;
  } finally {
    consumer.kill('SIGKILL');
    await gone;
  }
});
