import type { Membership } from '@verdikt/core/ports/membership.ts';
import type { ServiceError } from '@verdikt/core/errors.ts';
import { encodeAssignment } from '../../../kafka/group/assignor.ts';
import { createMembership } from '../../../kafka/group/membership.ts';
import { createFakeCoordinator, type FakeCoordinator } from './fake-coordinator.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';

export const SESSION_MS = 10_000;
export const BEAT_MS = 1_000;
export const OK = { errorCode: 0 };
export const SUBJECT = { topics: ['words'], partitions: 4 };

/** The answer to a JoinGroup. */
export const joined = (memberId: string, generationId: number, leaderId = 'other') => ({
  errorCode: 0,
  generationId,
  leaderId,
  memberId,
  members: [] as { memberId: string; memberMetadata: Buffer }[],
});
/** The answer to a SyncGroup: tasks of four, shared by two. */
export const synced = (...tasks: number[]) => ({
  errorCode: 0,
  memberAssignment: encodeAssignment(['words'], tasks, {
    ...{ refused: false, members: 2, tasks: 4, topics: ['words'] },
  }),
});

/** Lets promises settle. */
export const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};

/** A member of a group of four tasks, by a clock and a coordinator that the test moves. */
export interface MembershipBench {
  readonly clock: ManualClock;
  readonly coordinator: FakeCoordinator;
  readonly membership: Membership;
  /** What the listener heard, as text. */
  readonly told: string[];
  /** Moves the time in small steps until `until` holds; throws when it does not. */
  pass(until: () => boolean, mostMs?: number): Promise<void>;
  start(): Promise<void>;
  /** Makes it a member of generation 1 with the tasks 0 and 1, then forgets what was told and asked. */
  member(): Promise<void>;
  stop(): Promise<void>;
}

export const createMembershipBench = (): MembershipBench => {
  const clock = manualClock();
  const coordinator = createFakeCoordinator();
  const told: string[] = [];
  const membership = createMembership({
    ...{ openLink: () => coordinator.link, group: 'g', ...SUBJECT, clock, random: () => 0.5 },
    ...{ sessionTimeoutMs: SESSION_MS, heartbeatMs: BEAT_MS },
  });
  const start = (): Promise<void> =>
    membership.start({
      assigned: (a) => void told.push(`assigned ${a.generation}: ${a.tasks.join(' ')}`),
      lost: () => void told.push('lost'),
      refused: (e: ServiceError) => void told.push(`refused: ${e.message}`),
    });
  return {
    ...{ clock, coordinator, membership, told, start },
    pass: async (until, mostMs = 60_000) => {
      await settle();
      for (let ms = 0; !until() && ms < mostMs; ms += 50) {
        clock.advance(50);
        await settle();
      }
      if (!until()) throw new Error(`not within ${mostMs} ms; told: ${told.join('; ')}`);
    },
    member: async () => {
      coordinator.answers.JoinGroup = [joined('m', 1)];
      coordinator.answers.SyncGroup = [synced(0, 1)];
      coordinator.answers.Heartbeat = [OK];
      await start();
      told.splice(0);
      coordinator.asked.splice(0);
    },
    stop: async () => {
      coordinator.answers.LeaveGroup = [OK];
      const stopped = membership.stop();
      clock.advance(60_000);
      await settle();
      clock.advance(60_000);
      await stopped;
    },
  };
};
