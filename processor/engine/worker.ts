import type { Log } from '@verdikt/core/log.ts';
import type { Assignment, Membership, MembershipListener } from '../ports.ts';
import type { Task } from './task.ts';

export interface WorkerDeps {
  readonly membership: Membership;
  readonly start: (task: number) => Task;
  readonly rebalanced: (assignment: Assignment) => void;
  readonly log: Log;
}

export interface Worker {
  readonly tasks: () => ReadonlyMap<number, Task>;
  /** True once the group has given us an assignment, be it empty (standing by). */
  readonly joined: () => boolean;
  start(): Promise<void>;
  /** Commits what is at hand, then leaves the group, so that the others take over at once. */
  stop(): Promise<void>;
}

/** Turns assignments into running tasks. A task that is given back while its predecessor still stops waits for it. */
export const createWorker = (d: WorkerDeps): Worker => {
  const running = new Map<number, Task>();
  const stopping = new Map<number, Promise<void>>();
  let wanted = new Set<number>();
  let joined = false;
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

  const listener: MembershipListener = {
    assigned: (assignment) => {
      if (closed) return;
      joined = true;
      wanted = new Set(assignment.tasks);
      d.log.info({ generation: assignment.generation, tasks: assignment.tasks }, 'assigned');
      d.rebalanced(assignment);
      for (const task of [...running.keys()]) if (!wanted.has(task)) void end(task);
      for (const task of wanted) begin(task);
    },
    lost: () => {
      joined = false;
      wanted = new Set();
      d.log.warn({}, 'no longer a member of the group');
      for (const task of [...running.keys()]) void end(task);
    },
  };

  return {
    tasks: () => running,
    joined: () => joined,
    start: () => d.membership.start(listener),
    stop: async () => {
      closed = true;
      wanted = new Set();
      await Promise.all([...running.keys(), ...stopping.keys()].map(end));
      await d.membership.stop();
    },
  };
};
