import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { createMember, type Member } from '@verdikt/test/support/kafka/members.ts';
import { createTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { until } from '@verdikt/test/support/wait.ts';
import { createLink } from '../client/link.ts';

const brokers = kafkaBrokers(process.env).split(',');
const run = `deaths-${Date.now()}`;
const WORDS = `${run}-words`;
/** As shipped. */
const SESSION_MS = 10_000;
/**
 * Two rounds of half a session, and as much again for a busy machine. Who is given tasks when dead holds them for a session more,
 * after a round of half a session at least.
 */
const PROMISED_MS = 1.5 * SESSION_MS;
const ALL = Array.from({ length: 12 }, (_, i) => i);

let groups = 0;
const members: Member[] = [];

beforeAll(async () => {
  const link = createLink({ brokers, clientId: 'test' });
  await createTopic(link, WORDS, ALL.length);
  await link.close();
});

afterEach(async () => {
  await Promise.all(members.splice(0).map((m) => m.membership.stop()));
});

const createGroup = (): (() => Member) => {
  const group = `${run}-${++groups}`;
  return () => {
    const member = createMember(brokers, {
      ...{ group, topics: [WORDS], partitions: ALL.length, sessionTimeoutMs: SESSION_MS },
    });
    members.push(member);
    return member;
  };
};

const hold = (living: readonly Member[]): boolean => {
  const last = living.map((m) => m.seen.at(-1));
  const tasks = last.flatMap((a) => a?.tasks ?? []).sort((a, b) => a - b);
  return new Set(last.map((a) => a?.generation)).size === 1 && JSON.stringify(tasks) === JSON.stringify(ALL);
};
/** Milliseconds until these hold all tasks. */
const untilHeld = async (living: readonly Member[]): Promise<number> => {
  const since = performance.now();
  await until('all tasks in living hands', () => hold(living));
  return performance.now() - since;
};

/** The first of them leads. */
const three = async (create: () => Member): Promise<readonly [Member, Member, Member]> => {
  const all = [create(), create(), create()] as const;
  for (const m of all) await m.start();
  await untilHeld(all);
  return all;
};
/** Its first assignment may be long in coming. */
const replacement = (create: () => Member): Member => {
  const member = create();
  void member.start().catch(() => undefined);
  return member;
};

test('a member killed while it waits in a join is replaced as fast as any other', async () => {
  const create = createGroup();
  const [a, b, c] = await three(create);
  await a.kill();
  const waits = b.dies('waiting', 'JoinGroup');
  const d = replacement(create);
  await waits;
  expect(await untilHeld([c, d])).toBeLessThan(PROMISED_MS);
});

test('one that waits for the shares of a leader that died before it sent them is, too', async () => {
  const create = createGroup();
  const [a, b, c] = await three(create);
  const waits = b.dies('waiting', 'SyncGroup');
  const leads = a.dies('before', 'SyncGroup');
  const d = replacement(create);
  await Promise.all([leads, waits]);
  expect(await untilHeld([c, d])).toBeLessThan(PROMISED_MS);
});

test('so are two that die in one join, one of them a replacement that was not yet a member', async () => {
  const create = createGroup();
  const [a, b, c] = await three(create);
  await a.kill();
  const waits = b.dies('waiting', 'JoinGroup');
  const d = create();
  const waitsToo = d.dies('waiting', 'JoinGroup');
  void d.start().catch(() => undefined);
  await Promise.all([waits, waitsToo]);
  const e = replacement(create);
  expect(await untilHeld([c, e])).toBeLessThan(PROMISED_MS);
});
