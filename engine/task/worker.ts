import type { ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { Assignment, Membership, MembershipListener } from '@verdikt/core/ports/membership.ts';
import type { Task } from './task.ts';

interface WorkerDeps {
  readonly membership: Membership;
  readonly start: (task: number) => Task;
  readonly rebalanced: (assignment: Assignment) => void;
  readonly log: Log;
}

export interface Worker {
  readonly tasks: () => ReadonlyMap<number, Task>;
  /** True once the group has given us an assignment, be it empty (standing by). */
  readonly joined: () => boolean;
  /** The group belongs to others; undefined: it does not, as far as we know. */
  readonly refusal: () => ServiceError | undefined;
  /** While it has no task: who has them, as one sentence. */
  readonly standby: () => string | undefined;
  start(): Promise<void>;
  /** Commits what is at hand, then leaves the group, so that the others take over at once. */
  stop(): Promise<void>;
}

const standbyOf = ({ tasks, group }: Assignment): string | undefined => {
  if (tasks.length > 0) return undefined;
  // With more members than tasks each holds one, and the others stand by too.
  const others = Math.min((group?.members ?? 1) - 1, group?.tasks ?? 0);
  if (group === undefined || others === 0) return 'standing by: no task was given to this processor';
  return others === 1
    ? 'standing by: 1 other processor of this system holds the only task'
    : `standing by: ${others} other processors of this system hold all ${group.tasks} tasks`;
};

/** Turns assignments into running tasks. A task that is given back while its predecessor still stops waits for it. */
export const createWorker = (d: WorkerDeps): Worker => {
  const running = new Map<number, Task>();
  const stopping = new Map<number, Promise<void>>();
  let wanted = new Set<number>();
  let joined = false;
  let refusal: ServiceError | undefined;
  let last: Assignment | undefined;
  let closed = false;

  const begin = (task: number): void => {
    if (running.has(task) || stopping.has(task)) return;
    running.set(task, d.start(task));
  };

  const end = (task: number): Promise<void> => {
    const t = running.get(task);
    if (t === undefined) return stopping.get(task) ?? Promise.resolve();
    running.delete(task);
    const stopped = t.stop().then(() => {
      stopping.delete(task);
      if (wanted.has(task)) begin(task);
    });
    stopping.set(task, stopped);
    return stopped;
  };

  const drop = (): void => {
    joined = false;
    last = undefined;
    wanted = new Set();
    for (const task of [...running.keys()]) void end(task);
  };

  const listener: MembershipListener = {
    assigned: (assignment) => {
      if (closed) return;
      joined = true;
      refusal = undefined;
      last = assignment;
      wanted = new Set(assignment.tasks);
      d.log.info(
        { generation: assignment.generation, tasks: assignment.tasks },
        standbyOf(assignment) ?? 'assigned',
      );
      d.rebalanced(assignment);
      for (const task of [...running.keys()]) if (!wanted.has(task)) void end(task);
      for (const task of wanted) begin(task);
    },
    lost: () => {
      d.log.warn({}, 'no longer a member of the group');
      drop();
    },
    refused: (error) => {
      if (closed) return;
      if (refusal?.message !== error.message) d.log.error({ code: error.code, err: error }, error.message);
      refusal = error;
      drop();
    },
  };

  return {
    tasks: () => running,
    joined: () => joined,
    refusal: () => refusal,
    standby: () => (last === undefined ? undefined : standbyOf(last)),
    start: () => d.membership.start(listener),
    stop: async () => {
      closed = true;
      wanted = new Set();
      await Promise.all([...running.keys(), ...stopping.keys()].map(end));
      await d.membership.stop();
    },
  };
};
