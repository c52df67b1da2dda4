import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { encodeAssignment, encodeSubscription, NOTHING_BEFORE } from './assignor.ts';
import {
  BEAT_MS,
  createMembershipBench,
  joined,
  OK,
  SESSION_MS,
  settle,
  SUBJECT,
  synced,
  type MembershipBench,
} from '@verdikt/test/support/kafka/membership-bench.ts';

const failed = new ServiceError('BROKER_UNAVAILABLE', 'gone');
const ok = OK;
let bench: MembershipBench;
beforeEach(() => {
  bench = createMembershipBench();
});
afterEach(() => bench.stop());

describe('joining', () => {
  test('with the id that the coordinator asks for; resolves with the first assignment', async () => {
    bench.coordinator.answers.JoinGroup = [{ ...joined('given', -1), errorCode: 79 }, joined('given', 5)];
    bench.coordinator.answers.SyncGroup = [synced(2, 3)];
    await bench.start();
    expect(bench.coordinator.asked).toEqual(['JoinGroup', 'JoinGroup', 'SyncGroup']);
    expect(bench.told).toEqual(['assigned 5: 2 3']);
  });

  test('a leader deals out all tasks, whatever the others send', async () => {
    const metadata = encodeSubscription(SUBJECT, NOTHING_BEFORE);
    const members = [
      { memberId: 'm', memberMetadata: metadata },
      { memberId: 'odd', memberMetadata: Buffer.from('ff', 'hex') },
    ];
    let shares: Buffer = Buffer.alloc(0);
    const plain = bench.coordinator.link.send.bind(bench.coordinator.link);
    bench.coordinator.link.send = async (node, request, response) => {
      if (request.apiName === 'SyncGroup') shares = (await request.encode()).buffer;
      return plain(node, request, response);
    };
    bench.coordinator.answers.JoinGroup = [{ ...joined('m', 1, 'm'), members }];
    bench.coordinator.answers.SyncGroup = [synced(0, 1, 2, 3)];
    await bench.start();
    const news = { refused: false, members: 1, tasks: 4, topics: ['words'] };
    expect(shares.includes(encodeAssignment(['words'], [0, 1, 2, 3], news))).toBe(true);
    expect(shares.includes(encodeAssignment(['words'], [], { ...news, refused: true }))).toBe(true);
  });

  test('goes on forever, with growing waits', async () => {
    bench.coordinator.answers.JoinGroup = [
      failed,
      { ...joined('', -1), errorCode: 16 },
      failed,
      failed,
      joined('m', 1),
    ];
    bench.coordinator.answers.SyncGroup = [synced(0)];
    const at: number[] = [];
    const plain = bench.coordinator.link.send.bind(bench.coordinator.link);
    bench.coordinator.link.send = (node, request, response) => {
      if (request.apiName === 'JoinGroup') at.push(bench.clock.now());
      return plain(node, request, response);
    };
    const started = bench.start();
    await bench.pass(() => bench.told.length > 0);
    await started;
    expect(at.slice(1).map((t, i) => t - at[i])).toEqual([100, 200, 400, 800]);
    expect(bench.told).toEqual(['assigned 1: 0']);
  });
});

describe('a member', () => {
  test('beats on its own, without waiting for anything else', async () => {
    await bench.member();
    await bench.pass(
      () => bench.coordinator.asked.filter((a) => a === 'Heartbeat').length === 3,
      3 * BEAT_MS + 200,
    );
    expect(bench.told).toEqual([]);
  });

  test('joins again at once when the group changes, and keeps its tasks meanwhile', async () => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    bench.coordinator.answers.JoinGroup = [joined('m', 2)];
    bench.coordinator.answers.SyncGroup = [synced(1)];
    await bench.pass(() => bench.told.length > 0, BEAT_MS + 100);
    expect(bench.told).toEqual(['assigned 2: 1']);
  });

  test.each([
    [1_400, ['assigned 2: 0 1']],
    [1_600, ['assigned 2: 0 1', 'assigned 3: 0 1']],
    // As slow again, and nobody is missing.
    [2_600, ['assigned 2: 0 1', 'assigned 3: 0 1']],
  ])(
    'that leads joins again after a round of %i ms only if some may have died in it',
    async (ms, expected) => {
      await bench.member();
      const metadata = encodeSubscription(SUBJECT, NOTHING_BEFORE);
      const members = ['m', 'n'].map((memberId) => ({ memberId, memberMetadata: metadata }));
      bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
      bench.coordinator.answers.JoinGroup = [
        { ...joined('m', 2, 'm'), members },
        { ...joined('m', 3, 'm'), members },
      ];
      bench.coordinator.answers.SyncGroup = [synced(0, 1), synced(0, 1)];
      const plain = bench.coordinator.link.send.bind(bench.coordinator.link);
      bench.coordinator.link.send = async (node, request, response) => {
        if (request.apiName === 'JoinGroup')
          await new Promise<void>((resolve) => bench.clock.after(ms, resolve));
        return plain(node, request, response);
      };
      await bench.pass(() => bench.told.length > 0, BEAT_MS + ms + 100);
      await bench.pass(
        () => bench.coordinator.asked.filter((a) => a === 'Heartbeat').length > 1,
        2 * (BEAT_MS + ms),
      );
      expect(bench.told).toEqual(expected);
    },
  );

  test('a round that is overtaken by the next one is joined again', async () => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    bench.coordinator.answers.JoinGroup = [joined('m', 2), joined('m', 3)];
    bench.coordinator.answers.SyncGroup = [{ errorCode: 27, memberAssignment: null }, synced(0)];
    await bench.pass(() => bench.told.length > 0, BEAT_MS);
    expect(bench.told).toEqual(['assigned 3: 0']);
  });

  test.each([22, 25])('that is told %i has lost all and joins again', async (code) => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: code }, ok];
    bench.coordinator.answers.JoinGroup = [joined('n', 2)];
    bench.coordinator.answers.SyncGroup = [synced(3)];
    await bench.pass(() => bench.told.length > 1, BEAT_MS + 100);
    expect(bench.told).toEqual(['lost', 'assigned 2: 3']);
  });

  test('without an answer for the session time-out it has lost all, once', async () => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [failed];
    const start = bench.clock.now();
    await bench.pass(() => bench.told.length > 0);
    expect(bench.told).toEqual(['lost']);
    expect(bench.clock.now() - start).toBeGreaterThanOrEqual(SESSION_MS);
    expect(bench.clock.now() - start).toBeLessThan(SESSION_MS + 2 * BEAT_MS);
    bench.coordinator.answers.JoinGroup = [failed, failed, joined('m', 2)];
    bench.coordinator.answers.SyncGroup = [synced(0)];
    bench.coordinator.answers.Heartbeat = [ok];
  });

  test('whose coordinator moves goes on where it is', async () => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: 16 }, failed, ok];
    await bench.pass(() => bench.coordinator.asked.filter((a) => a === 'Heartbeat').length >= 4, 4 * BEAT_MS);
    expect(bench.coordinator.asked.filter((a) => a === 'forget')).toHaveLength(2);
    expect(bench.coordinator.asked).not.toContain('JoinGroup');
    expect(bench.told).toEqual([]);
  });

  test('survives a listener that throws', async () => {
    bench.coordinator.answers.JoinGroup = [joined('m', 1)];
    bench.coordinator.answers.SyncGroup = [synced(0)];
    bench.coordinator.answers.Heartbeat = [ok];
    const thrower = () => {
      throw new Error('mine');
    };
    await bench.membership.start({ assigned: thrower, lost: thrower, refused: thrower });
    await bench.pass(() => bench.coordinator.asked.includes('Heartbeat'));
  });
});

describe('owns', () => {
  test('asks the coordinator again each time', async () => {
    await bench.member();
    expect(await bench.membership.owns(1)).toBe(true);
    expect(await bench.membership.owns(0)).toBe(true);
    expect(bench.coordinator.asked).toEqual(['Heartbeat', 'Heartbeat']);
  });

  test('no for the task of another, without asking', async () => {
    await bench.member();
    expect(await bench.membership.owns(2)).toBe(false);
    expect(bench.coordinator.asked).toEqual([]);
  });

  test.each([failed, { errorCode: 16 }])('no without a proof', async (answer) => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [answer];
    expect(await bench.membership.owns(1)).toBe(false);
    expect(bench.told).toEqual([]);
  });

  test.each([
    [25, ['lost', 'assigned 2: 1']],
    [27, ['assigned 2: 1']],
  ])('no on %i, which is acted on at once', async (code, expected) => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: code }, ok];
    bench.coordinator.answers.JoinGroup = [joined('m', 2)];
    bench.coordinator.answers.SyncGroup = [synced(1)];
    const start = bench.clock.now();
    expect(await bench.membership.owns(1)).toBe(false);
    await settle();
    expect(bench.told).toEqual(expected);
    expect(bench.clock.now()).toBe(start);
  });

  test('no while joining', async () => {
    await bench.member();
    bench.coordinator.answers.Heartbeat = [{ errorCode: 27 }, ok];
    bench.coordinator.answers.JoinGroup = ['hang'];
    await bench.pass(() => bench.coordinator.asked.includes('JoinGroup'));
    bench.coordinator.asked.splice(0);
    expect(await bench.membership.owns(0)).toBe(false);
    expect(bench.coordinator.asked).toEqual([]);
  });
});

describe('stop', () => {
  test('leaves; twice is once', async () => {
    await bench.member();
    bench.coordinator.answers.LeaveGroup = [ok];
    await bench.membership.stop();
    await bench.membership.stop();
    expect(bench.coordinator.asked.filter((a) => a === 'LeaveGroup')).toHaveLength(1);
    expect(bench.coordinator.open).toBe(false);
    expect(bench.told).toEqual([]);
  });

  test('ends without an answer too', async () => {
    await bench.member();
    bench.coordinator.answers.LeaveGroup = ['hang'];
    let ended = false;
    void bench.membership.stop().then(() => (ended = true));
    await bench.pass(() => ended, 5_000);
  });

  test('before anything was joined', async () => {
    await bench.membership.stop();
    expect(bench.coordinator.asked).toEqual([]);
  });

  test('while it waits to try again', async () => {
    bench.coordinator.answers.JoinGroup = [failed];
    const started = bench.start();
    const refused = expect(started).rejects.toMatchObject({ code: 'STOPPING' });
    await settle();
    await bench.membership.stop();
    await refused;
  });
});
