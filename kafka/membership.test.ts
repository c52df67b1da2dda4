import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Membership } from '@verdikt/processor/ports.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { encodeAssignment, encodeSubscription, NOTHING_BEFORE } from './assignor.ts';
import { createMembership } from './membership.ts';
import { createFakeCoordinator, type FakeCoordinator } from './testing/fake-coordinator.ts';
import { createManualClock, type ManualClock } from './testing/manual-clock.ts';

const SESSION_MS = 10_000;
const BEAT_MS = 1_000;

const joined = (memberId: string, generationId: number, leaderId = 'other') => ({
  errorCode: 0,
  generationId,
  leaderId,
  memberId,
  members: [] as { memberId: string; memberMetadata: Buffer }[],
});
const synced = (...tasks: number[]) => ({
  errorCode: 0,
  memberAssignment: encodeAssignment(['words'], tasks, {
    ...{ refused: false, members: 2, tasks: 4, topics: ['words'] },
  }),
});
const ok = { errorCode: 0 };
const failed = new ServiceError('BROKER_UNAVAILABLE', 'gone');
let clock: ManualClock;
let coordinator: FakeCoordinator;
let membership: Membership;
let told: string[];
/** Lets promises settle, then moves the time in small steps until `until` holds. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};
const pass = async (until: () => boolean, mostMs = 60_000): Promise<void> => {
  await settle();
  for (let ms = 0; !until() && ms < mostMs; ms += 50) {
    clock.advance(50);
    await settle();
  }
  expect(until()).toBe(true);
};
const listener = {
  assigned: (a: { generation: number; tasks: readonly number[] }) =>
    void told.push(`assigned ${a.generation}: ${a.tasks.join(' ')}`),
  lost: () => void told.push('lost'),
  refused: (e: ServiceError) => void told.push(`refused: ${e.message}`),
};

beforeEach(() => {
  clock = createManualClock();
  coordinator = createFakeCoordinator();
  told = [];
  membership = createMembership({
    openLink: () => coordinator.link,
    group: 'g',
    topics: ['words'],
    partitions: 4,
    sessionTimeoutMs: SESSION_MS,
    heartbeatMs: BEAT_MS,
    clock,
    random: () => 0.5,
  });
});

/** A member of generation 1 with the tasks 0 and 1. */
const member = async (): Promise<void> => {
  coordinator.answers.JoinGroup = [joined('m', 1)];
  coordinator.answers.SyncGroup = [synced(0, 1)];
  coordinator.answers.Heartbeat = [ok];
  await membership.start(listener);
  told.splice(0);
  coordinator.asked.splice(0);
};

describe('joining', () => {
  test('with the id that the coordinator asks for; resolves with the first assignment', async () => {
    coordinator.answers.JoinGroup = [{ ...joined('given', -1), errorCode: 79 }, joined('given', 5)];
    coordinator.answers.SyncGroup = [synced(2, 3)];
    await membership.start(listener);
    expect(coordinator.asked).toEqual(['JoinGroup', 'JoinGroup', 'SyncGroup']);
    expect(told).toEqual(['assigned 5: 2 3']);
  });

  test('a leader deals out all tasks, whatever the others send', async () => {
    const metadata = encodeSubscription({ topics: ['words'], partitions: 4 }, NOTHING_BEFORE);
    const members = [
      { memberId: 'm', memberMetadata: metadata },
      { memberId: 'odd', memberMetadata: Buffer.from('ff', 'hex') },
    ];
    let shares: Buffer = Buffer.alloc(0);
    const plain = coordinator.link.send.bind(coordinator.link);
    coordinator.link.send = async (node, request, response) => {
      if (request.apiName === 'SyncGroup') shares = (await request.encode()).buffer;
      return plain(node, request, response);
    };
    coordinator.answers.JoinGroup = [{ ...joined('m', 1, 'm'), members }];
    coordinator.answers.SyncGroup = [synced(0, 1, 2, 3)];
    await membership.start(listener);
    const news = { refused: false, members: 1, tasks: 4, topics: ['words'] };
    expect(shares.includes(encodeAssignment(['words'], [0, 1, 2, 3], news))).toBe(true);
    expect(shares.includes(encodeAssignment(['words'], [], { ...news, refused: true }))).toBe(true);
  });

  test('goes on for ever, with growing waits', async () => {
    coordinator.answers.JoinGroup = [
      failed,
      { ...joined('', -1), errorCode: 16 },
      failed,
      failed,
      joined('m', 1),
    ];
    coordinator.answers.SyncGroup = [synced(0)];
    const at: number[] = [];
    const plain = coordinator.link.send.bind(coordinator.link);
    coordinator.link.send = (node, request, response) => {
      if (request.apiName === 'JoinGroup') at.push(clock.now());
      return plain(node, request, response);
    };
    const started = membership.start(listener);
    await pass(() => told.length > 0);
    await started;
    expect(at.slice(1).map((t, i) => t - at[i])).toEqual([100, 200, 400, 800]);
    expect(told).toEqual(['assigned 1: 0']);
  });

  test('a group of others refuses it; it says so, and goes on when the group is free', async () => {
    coordinator.answers.JoinGroup = [{ ...joined('', -1), errorCode: 23 }, joined('m', 1), joined('m', 2)];
    const news = { refused: true, members: 2, tasks: 6, topics: ['other'] };
    coordinator.answers.SyncGroup = [
      { errorCode: 0, memberAssignment: encodeAssignment(['other'], [], news) },
      synced(0),
    ];
    coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    const started = membership.start(listener);
    await pass(() => told.length > 2);
    await started;
    expect(told).toEqual([
      expect.stringContaining('are no processors of verdikt'),
      expect.stringContaining('6 tasks over other; this one has 4 over words'),
      'assigned 2: 0',
    ]);
  });
});

describe('a member that is refused', () => {
  const refusal = {
    errorCode: 0,
    memberAssignment: encodeAssignment(['other'], [], {
      ...{ refused: true, members: 2, tasks: 6, topics: ['other'] },
    }),
  };

  test('loses what it had, and has no claim to the group when it joins again', async () => {
    await member();
    const claims: Buffer[] = [];
    const plain = coordinator.link.send.bind(coordinator.link);
    coordinator.link.send = async (node, request, response) => {
      if (request.apiName === 'JoinGroup') claims.push((await request.encode()).buffer);
      return plain(node, request, response);
    };
    coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok, { errorCode: 27 }, ok];
    coordinator.answers.JoinGroup = [joined('m', 2), joined('m', 3)];
    coordinator.answers.SyncGroup = [refusal, synced(3)];
    await pass(() => told.length > 2);
    expect(told).toEqual(['lost', expect.stringContaining('6 tasks over other'), 'assigned 3: 3']);
    const subject = { topics: ['words'], partitions: 4 };
    expect(claims[0].includes(encodeSubscription(subject, { generation: 1, tasks: [0, 1] }))).toBe(true);
    expect(claims[1].includes(encodeSubscription(subject, NOTHING_BEFORE))).toBe(true);
    expect(await membership.owns(0)).toBe(false);
  });

  test('leaves where the broker deals out the partitions, and asks again a session later', async () => {
    coordinator.answers.JoinGroup = [joined('m', 1), joined('n', 2)];
    const dealt = Buffer.from('0003' + '00000000' + 'ffffffff', 'hex');
    coordinator.answers.SyncGroup = [{ errorCode: 0, memberAssignment: dealt }, synced(0)];
    coordinator.answers.LeaveGroup = [ok];
    const started = membership.start(listener);
    await settle();
    expect(told).toEqual([expect.stringContaining('are no processors of verdikt')]);
    expect(coordinator.asked).toEqual(['JoinGroup', 'SyncGroup', 'LeaveGroup']);
    const since = clock.now();
    await pass(() => told.length > 1);
    await started;
    expect(clock.now() - since).toBeGreaterThanOrEqual(SESSION_MS);
    expect(told[1]).toBe('assigned 2: 0');
  });
});

describe('a member', () => {
  test('beats on its own, without waiting for anything else', async () => {
    await member();
    await pass(() => coordinator.asked.filter((a) => a === 'Heartbeat').length === 3, 3 * BEAT_MS + 200);
    expect(told).toEqual([]);
  });

  test('joins again at once when the group changes, and keeps its tasks meanwhile', async () => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    coordinator.answers.JoinGroup = [joined('m', 2)];
    coordinator.answers.SyncGroup = [synced(1)];
    await pass(() => told.length > 0, BEAT_MS + 100);
    expect(told).toEqual(['assigned 2: 1']);
  });

  test('a round that is overtaken by the next one is joined again', async () => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    coordinator.answers.JoinGroup = [joined('m', 2), joined('m', 3)];
    coordinator.answers.SyncGroup = [{ errorCode: 27, memberAssignment: null }, synced(0)];
    await pass(() => told.length > 0, BEAT_MS);
    expect(told).toEqual(['assigned 3: 0']);
  });

  test.each([22, 25])('that is told %i has lost all and joins again', async (code) => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: code }, ok];
    coordinator.answers.JoinGroup = [joined('n', 2)];
    coordinator.answers.SyncGroup = [synced(3)];
    await pass(() => told.length > 1, BEAT_MS + 100);
    expect(told).toEqual(['lost', 'assigned 2: 3']);
  });

  test('without an answer for the session time-out it has lost all, once', async () => {
    await member();
    coordinator.answers.Heartbeat = [failed];
    const start = clock.now();
    await pass(() => told.length > 0);
    expect(told).toEqual(['lost']);
    expect(clock.now() - start).toBeGreaterThanOrEqual(SESSION_MS);
    expect(clock.now() - start).toBeLessThan(SESSION_MS + 2 * BEAT_MS);
    coordinator.answers.JoinGroup = [failed, failed, joined('m', 2)];
    coordinator.answers.SyncGroup = [synced(0)];
    coordinator.answers.Heartbeat = [ok];
  });

  test('whose coordinator moves goes on where it is', async () => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: 16 }, failed, ok];
    await pass(() => coordinator.asked.filter((a) => a === 'Heartbeat').length >= 4, 4 * BEAT_MS);
    expect(coordinator.asked.filter((a) => a === 'forget')).toHaveLength(2);
    expect(coordinator.asked).not.toContain('JoinGroup');
    expect(told).toEqual([]);
  });

  test('survives a listener that throws', async () => {
    coordinator.answers.JoinGroup = [joined('m', 1)];
    coordinator.answers.SyncGroup = [synced(0)];
    coordinator.answers.Heartbeat = [ok];
    const thrower = () => {
      throw new Error('mine');
    };
    await membership.start({ assigned: thrower, lost: thrower, refused: thrower });
    await pass(() => coordinator.asked.includes('Heartbeat'));
  });
});

describe('owns', () => {
  test('asks the coordinator anew each time', async () => {
    await member();
    expect(await membership.owns(1)).toBe(true);
    expect(await membership.owns(0)).toBe(true);
    expect(coordinator.asked).toEqual(['Heartbeat', 'Heartbeat']);
  });

  test('no for the task of another, without asking', async () => {
    await member();
    expect(await membership.owns(2)).toBe(false);
    expect(coordinator.asked).toEqual([]);
  });

  test.each([failed, { errorCode: 16 }])('no without a proof', async (answer) => {
    await member();
    coordinator.answers.Heartbeat = [answer];
    expect(await membership.owns(1)).toBe(false);
    expect(told).toEqual([]);
  });

  test.each([
    [25, ['lost', 'assigned 2: 1']],
    [27, ['assigned 2: 1']],
  ])('no on %i, which is acted on at once', async (code, expected) => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: code }, ok];
    coordinator.answers.JoinGroup = [joined('m', 2)];
    coordinator.answers.SyncGroup = [synced(1)];
    const start = clock.now();
    expect(await membership.owns(1)).toBe(false);
    await settle();
    expect(told).toEqual(expected);
    expect(clock.now()).toBe(start);
  });

  test('no while joining', async () => {
    await member();
    coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    coordinator.answers.JoinGroup = ['hang'];
    await pass(() => coordinator.asked.includes('JoinGroup'));
    coordinator.asked.splice(0);
    expect(await membership.owns(0)).toBe(false);
    expect(coordinator.asked).toEqual([]);
  });
});

describe('stop', () => {
  test('leaves; twice is once', async () => {
    await member();
    coordinator.answers.LeaveGroup = [ok];
    await membership.stop();
    await membership.stop();
    expect(coordinator.asked.filter((a) => a === 'LeaveGroup')).toHaveLength(1);
    expect(coordinator.open).toBe(false);
    expect(told).toEqual([]);
  });

  test('ends without an answer too', async () => {
    await member();
    coordinator.answers.LeaveGroup = ['hang'];
    let ended = false;
    void membership.stop().then(() => (ended = true));
    await pass(() => ended, 5_000);
  });

  test('before anything was joined', async () => {
    await membership.stop();
    expect(coordinator.asked).toEqual([]);
  });

  test('while it waits to try again', async () => {
    coordinator.answers.JoinGroup = [failed];
    const started = membership.start(listener);
    const refused = expect(started).rejects.toMatchObject({ code: 'STOPPING' });
    await settle();
    await membership.stop();
    await refused;
  });
});

afterEach(async () => {
  coordinator.answers.LeaveGroup = [ok];
  const stopped = membership.stop();
  clock.advance(60_000);
  await settle();
  clock.advance(60_000);
  await stopped;
});
