import { beforeEach, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import type { MembershipListener } from '@verdikt/core/ports/membership.ts';
import type { Task } from './task.ts';
import { createWorker, type Worker } from './worker.ts';

let group: MembershipListener;
let worker: Worker;
let running: Set<number>;
let logged: string[];

const startTask = (task: number): Task => {
  running.add(task);
  return {
    ...{ phase: () => 'running', state: () => undefined, trouble: () => undefined, fail: () => undefined },
    verify: () => Promise.resolve(),
    stop: () => {
      running.delete(task);
      return Promise.resolve();
    },
  };
};

beforeEach(async () => {
  running = new Set();
  logged = [];
  worker = createWorker({
    membership: {
      start: (listener) => {
        group = listener;
        return Promise.resolve();
      },
      ...{ owns: () => Promise.resolve(true), stop: () => Promise.resolve() },
    },
    start: startTask,
    rebalanced: () => undefined,
    log: {
      ...silentLog,
      info: (_, message) => void logged.push(message),
      error: (_, message) => void logged.push(`error: ${message}`),
    },
  });
  await worker.start();
});

const taken = new ServiceError('GROUP_TAKEN', 'it belongs to others');

test('a refused worker runs nothing, is not joined, and says why once', () => {
  group.assigned({ generation: 1, tasks: [0, 1], group: { members: 1, tasks: 2 } });
  expect([...running]).toEqual([0, 1]);
  group.refused(taken);
  group.refused(taken);
  expect([running.size, worker.joined(), worker.refusal()]).toEqual([0, false, taken]);
  expect(logged).toEqual(['assigned', 'error: it belongs to others']);
});

test('it works again once the group is free, and tells a later refusal again', async () => {
  group.refused(taken);
  group.assigned({ generation: 2, tasks: [1], group: { members: 1, tasks: 2 } });
  expect([[...running], worker.joined(), worker.refusal()]).toEqual([[1], true, undefined]);
  group.refused(taken);
  await Promise.resolve();
  expect(logged.filter((l) => l.startsWith('error'))).toHaveLength(2);
});

test.each([
  [2, 1, '1 other processor of this system holds the only task'],
  [4, 3, '3 other processors of this system hold all 3 tasks'],
  // One holder per task; the rest stand by as well.
  [6, 3, '3 other processors of this system hold all 3 tasks'],
])('of %i members for %i tasks one without a task says who has them', (members, tasks, says) => {
  group.assigned({ generation: 1, tasks: [], group: { members, tasks } });
  expect(worker.standby()).toBe(`standing by: ${says}`);
  expect(logged).toEqual([`standing by: ${says}`]);
  expect([worker.joined(), worker.refusal()]).toEqual([true, undefined]);
  group.assigned({ generation: 2, tasks: [0], group: { members, tasks } });
  expect(worker.standby()).toBeUndefined();
});
