import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { encodeAssignment, encodeSubscription, NOTHING_BEFORE } from './assignor.ts';
import {
  createMembershipBench,
  joined,
  OK as ok,
  SESSION_MS,
  settle,
  SUBJECT,
  synced,
} from '@verdikt/test/support/kafka/membership-bench.ts';

let bench: ReturnType<typeof createMembershipBench>;
beforeEach(() => {
  bench = createMembershipBench();
});
afterEach(() => bench.stop());

test('a group of others refuses it; it says so, and goes on when the group is free', async () => {
  bench.coordinator.answers.JoinGroup = [
    { ...joined('', -1), errorCode: 23 },
    joined('m', 1),
    joined('m', 2),
  ];
  const news = { refused: true, members: 2, tasks: 6, topics: ['other'] };
  bench.coordinator.answers.SyncGroup = [
    { errorCode: 0, memberAssignment: encodeAssignment(['other'], [], news) },
    synced(0),
  ];
  bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
  const started = bench.start();
  await bench.pass(() => bench.told.length > 2);
  await started;
  expect(bench.told).toEqual([
    expect.stringContaining('are no processors of verdikt'),
    expect.stringContaining('6 tasks over other; this one has 4 over words'),
    'assigned 2: 0',
  ]);
});

const refusal = {
  errorCode: 0,
  memberAssignment: encodeAssignment(['other'], [], {
    ...{ refused: true, members: 2, tasks: 6, topics: ['other'] },
  }),
};

test('loses what it had, and has no claim to the group when it joins again', async () => {
  await bench.member();
  const claims: Buffer[] = [];
  const plain = bench.coordinator.link.send.bind(bench.coordinator.link);
  bench.coordinator.link.send = async (node, request, response) => {
    if (request.apiName === 'JoinGroup') claims.push((await request.encode()).buffer);
    return plain(node, request, response);
  };
  bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok, { errorCode: 27 }, ok];
  bench.coordinator.answers.JoinGroup = [joined('m', 2), joined('m', 3)];
  bench.coordinator.answers.SyncGroup = [refusal, synced(3)];
  await bench.pass(() => bench.told.length > 2);
  expect(bench.told).toEqual(['lost', expect.stringContaining('6 tasks over other'), 'assigned 3: 3']);
  expect(claims[0].includes(encodeSubscription(SUBJECT, { generation: 1, tasks: [0, 1] }))).toBe(true);
  expect(claims[1].includes(encodeSubscription(SUBJECT, NOTHING_BEFORE))).toBe(true);
  expect(await bench.membership.owns(0)).toBe(false);
});

test('leaves where the broker deals out the partitions, and asks again a session later', async () => {
  bench.coordinator.answers.JoinGroup = [joined('m', 1), joined('n', 2)];
  const dealt = Buffer.from('0003' + '00000000' + 'ffffffff', 'hex');
  bench.coordinator.answers.SyncGroup = [{ errorCode: 0, memberAssignment: dealt }, synced(0)];
  bench.coordinator.answers.LeaveGroup = [ok];
  const started = bench.start();
  await settle();
  expect(bench.told).toEqual([expect.stringContaining('are no processors of verdikt')]);
  expect(bench.coordinator.asked).toEqual(['JoinGroup', 'SyncGroup', 'LeaveGroup']);
  const since = bench.clock.now();
  await bench.pass(() => bench.told.length > 1);
  await started;
  expect(bench.clock.now() - since).toBeGreaterThanOrEqual(SESSION_MS);
  expect(bench.told[1]).toBe('assigned 2: 0');
});
