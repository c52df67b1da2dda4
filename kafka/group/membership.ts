import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Assignment, Membership, MembershipListener } from '@verdikt/core/ports/membership.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { logRetry } from '@verdikt/core/ports/log-retry.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import {
  ASSIGNOR_NAME,
  NOTHING_BEFORE,
  asPrevious,
  decodeAssignment,
  encodeSubscription,
} from './assignor.ts';
import type { GroupNews, Previous } from './assignor.ts';
import { COORDINATOR_MOVED } from '../client/at-coordinator.ts';
import { fromCode, toServiceError } from '../client/classify.ts';
import { MEMBER_ID_REQUIRED, REBALANCE, UNKNOWN_MEMBER, consequence, type Next } from './group-codes.ts';
import { groupTaken } from './group-taken.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup, type Joined, type Self } from './group-requests.ts';
import type { Exchange, Link } from '../client/link.ts';
import { sharesOf } from './shares.ts';

export interface MembershipOptions {
  /** Opens a link of its own: a JoinGroup holds its socket until all members are there. */
  readonly openLink: () => Link;
  /** See core/record/system.ts. */
  readonly group: string;
  /** The co-partitioned topics of a task. */
  readonly topics: readonly string[];
  /** How many tasks there are. */
  readonly partitions: number;
  /** A member that is silent for so long is replaced. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** Default 500: also how fast a member learns that the group changes. */
  readonly heartbeatMs?: number;
  /** Told to the group at each join; see encodeSubscription. */
  readonly managementPort?: () => number | undefined;
  readonly clock?: Clock;
  /** In [0, 1), spreads retries. Default Math.random. */
  readonly random?: () => number;
  readonly log?: Log;
}

const LEAVE_MS = 3_000;
/**
 * So many heartbeats after the last one that was taken, a round is over when all are alive: one until the leader learns of it, one for
 * the others, and what they vary.
 */
const CALM_BEATS = 2.5;

interface Joint extends Assignment {
  readonly news: GroupNews;
  /** We lead, and some may have died while the round waited: the coordinator takes every member that waits in it to be alive. */
  readonly doubted: boolean;
}

/** Membership in a classic group. One loop: join, beat until something changes, join again. */
export const createMembership = (options: MembershipOptions): Membership => {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const log = options.log ?? silentLog;
  const { group, topics, partitions } = options;
  const subject = { topics, partitions };
  const sessionTimeoutMs = options.sessionTimeoutMs ?? 10_000;
  const heartbeatMs = options.heartbeatMs ?? 500;
  // Who dies in a round is out at the end of the next one, and two of them are to take no longer than a session.
  const rebalanceTimeoutMs = Math.floor(sessionTimeoutMs / 2);
  // The coordinator answers when all have joined or the time is over; some more for the network.
  const joinTimeoutMs = rebalanceTimeoutMs + 5_000;
  const beatTimeoutMs = Math.max(heartbeatMs, Math.floor(sessionTimeoutMs / 3));

  let link: Link | undefined;
  let memberId = '';
  /** Set while we are a member with an assignment; undefined while joining. */
  let current: Assignment | undefined;
  let previous: Previous = NOTHING_BEFORE;
  let trusted = false;
  /** When we last sent something that the coordinator took from us as a member. */
  let proven = 0;
  /** Members of the last round, where that was doubted. */
  let doubtedRound: string | undefined;
  let stopping = false;
  let wake: (() => void) | undefined;
  let pendingNext: Next | undefined;
  let loop: Promise<void> | undefined;

  const self = (): Self => ({ groupId: group, memberId });

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopping) return resolve();
      const cancel = clock.after(ms, done);
      function done(): void {
        cancel();
        wake = undefined;
        resolve();
      }
      wake = done;
    });

  const send = async <T>(exchange: Exchange<T>, timeoutMs: number): Promise<T> => {
    const l = link as Link;
    const node = await l.coordinator('group', group);
    try {
      return await l.send(node, exchange.request, exchange.response, { timeoutMs });
    } catch (e) {
      l.forgetCoordinator('group', group);
      throw e;
    }
  };

  /** The id is no longer ours. */
  const forget = (code: number): void => {
    if (code === UNKNOWN_MEMBER) memberId = '';
  };

  /** Throws for a code that has no answer in the protocol itself. */
  const check = (code: number, what: string): void => {
    if (code === 0) return;
    if (COORDINATOR_MOVED.has(code)) link?.forgetCoordinator('group', group);
    forget(code);
    throw fromCode(code, `${what} was refused`, { group });
  };

  const join = async (): Promise<Joint> => {
    const metadata = encodeSubscription(subject, previous, options.managementPort?.());
    const since = clock.now();
    const ask = (): Promise<Joined> =>
      send(joinGroup(self(), sessionTimeoutMs, rebalanceTimeoutMs, ASSIGNOR_NAME, metadata), joinTimeoutMs);
    let joined = await ask();
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      memberId = joined.memberId;
      joined = await ask();
    }
    check(joined.errorCode, 'JoinGroup');
    memberId = joined.memberId;
    const shares = joined.leaderId === memberId ? sharesOf(joined, subject) : [];
    const round = shares.map((s) => s.memberId).join();
    const slow = shares.length > 1 && clock.now() - proven > CALM_BEATS * heartbeatMs;
    // All have joined that one again: they are slow, not dead.
    const doubted = slow && round !== doubtedRound;
    doubtedRound = doubted ? round : undefined;
    proven = clock.now();
    const synced = await send(syncGroup(self(), joined.generationId, shares), joinTimeoutMs);
    check(synced.errorCode, 'SyncGroup');
    const { tasks, news } = decodeAssignment(synced.memberAssignment ?? Buffer.alloc(0));
    if (news === undefined) {
      // Whatever we hold here is kept from the consumers whose group it is.
      await send(leaveGroup(self()), LEAVE_MS);
      memberId = '';
      throw groupTaken(group, subject);
    }
    const generation = joined.generationId;
    log.info({ group, generation, ms: clock.now() - since, doubted }, 'the group has joined');
    return { generation, tasks, news, group: news, doubted };
  };

  const tell = (what: (listener: MembershipListener) => void, listener: MembershipListener): void => {
    try {
      what(listener);
    } catch (e) {
      log.error({ err: e, group }, 'the listener of the membership threw');
    }
  };

  const lose = (listener: MembershipListener): void => {
    current = undefined;
    if (!trusted) return;
    trusted = false;
    tell((l) => l.lost(), listener);
  };

  /** What we had is not ours any more, and gives no claim to the group either. */
  const refuse = (listener: MembershipListener, error: ServiceError): void => {
    lose(listener);
    previous = NOTHING_BEFORE;
    tell((l) => l.refused(error), listener);
  };

  const beatOnce = async (generation: number): Promise<number> => {
    const { errorCode } = await send(heartbeat(self(), generation), beatTimeoutMs);
    if (COORDINATOR_MOVED.has(errorCode)) link?.forgetCoordinator('group', group);
    return errorCode;
  };

  const beat = async (generation: number): Promise<Next> => {
    for (;;) {
      await pause(heartbeatMs * (0.9 + 0.2 * random()));
      for (let i = 0; ; i++) {
        if (stopping) return 'stopped';
        if (pendingNext !== undefined) return pendingNext;
        const sent = clock.now();
        const code = await beatOnce(generation).catch((e: unknown) => {
          log.debug({ err: e, group }, 'a heartbeat was not answered');
          return -1;
        });
        const next = consequence(code);
        forget(code);
        if (next !== undefined) return next;
        if (code === 0) {
          proven = sent;
          break;
        }
        // A member that does not hear from the coordinator for so long must assume that another has its tasks.
        if (clock.now() - proven >= sessionTimeoutMs) return 'lost';
        if (!COORDINATOR_MOVED.has(code) && code !== -1)
          log.warn({ group, kafka: code }, 'a heartbeat was refused');
        await pause(backoff(i, Math.max(100, sessionTimeoutMs / 10)));
      }
    }
  };

  const backoff = (i: number, most = Infinity): number =>
    Math.min(most, backOffMs(i + 1, { fromMs: 100, toMs: 3_000 })) * (0.5 + random());

  const run = async (listener: MembershipListener, first: PromiseWithResolvers<void>): Promise<void> => {
    for (let failures = 0; !stopping;) {
      try {
        const { news, doubted, ...assignment } = await join();
        failures = 0;
        if (stopping) break;
        pendingNext = undefined;
        if (news.refused) refuse(listener, groupTaken(group, subject, news));
        else {
          current = assignment;
          previous = asPrevious(previous, assignment);
          trusted = true;
          tell((l) => l.assigned(assignment), listener);
          first.resolve();
        }
        // A member that has died in the round does not join the next one, and is out of it long before its session ends.
        const next = doubted ? 'rejoin' : await beat(assignment.generation);
        current = undefined;
        if (next === 'lost') lose(listener);
      } catch (e) {
        if (stopping) break;
        const error = toServiceError(e, 'the group cannot be joined', { group });
        const code = error.details.kafka;
        // Another round has begun; our tasks are still ours until it ends.
        if (code === REBALANCE) continue;
        if (consequence(code) === 'lost') lose(listener);
        if (error.code === 'GROUP_TAKEN') {
          refuse(listener, groupTaken(group, subject));
          // Each try may make the others share out their partitions again.
          await pause(sessionTimeoutMs);
          continue;
        }
        if (error.action === 'halt') first.reject(error);
        const ms = logRetry(log, { group }, { error, againInMs: backoff(failures++) });
        if (clock.now() - proven >= sessionTimeoutMs) lose(listener);
        await pause(ms);
      }
    }
    first.reject(new ServiceError('STOPPING', 'the membership was stopped', { group }));
  };

  return {
    async start(listener) {
      if (loop !== undefined)
        throw new ServiceError('CONFIG_INVALID', 'the membership was started before', { group });
      link = options.openLink();
      const first = Promise.withResolvers<void>();
      loop = run(listener, first);
      await first.promise;
    },
    async owns(task) {
      const held = current;
      if (held?.tasks.includes(task) !== true || stopping) return false;
      const code = await beatOnce(held.generation).catch(() => -1);
      const next = consequence(code);
      if (next !== undefined && current === held) {
        forget(code);
        pendingNext = next;
        wake?.();
      }
      return code === 0 && current === held;
    },
    async stop() {
      if (stopping) return void (await loop);
      stopping = true;
      current = undefined;
      wake?.();
      // What waits in a JoinGroup would hold up a LeaveGroup on the same socket.
      await link?.close();
      await loop;
      if (link === undefined || memberId === '') return;
      const leaving = (link = options.openLink());
      // Closing the link ends whatever it waits for.
      const cancel = clock.after(LEAVE_MS, () => void leaving.close());
      try {
        check((await send(leaveGroup(self()), LEAVE_MS)).errorCode, 'LeaveGroup');
      } catch (e) {
        log.warn({ err: e, group }, 'the group was not left; its tasks move after the session time-out');
      } finally {
        cancel();
        await leaving.close();
      }
    },
  };
};
