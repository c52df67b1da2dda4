import { expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import { commit, failing, newState, offered } from '../engine/state/state.fixture.ts';
import { Check } from 'typebox/value';
import type { TaskState } from '@verdikt/engine/state/state.ts';
import type { Task } from '@verdikt/engine/task/task.ts';
import { statusSchema } from '@verdikt/core/service/processor-status.ts';
import { statusOf } from './status.ts';

type Shown = Pick<Task, 'phase' | 'state' | 'trouble'>;
const running = (state: TaskState): Shown => ({
  phase: () => 'running',
  state: () => state,
  trouble: () => undefined,
});
const waiting = (trouble: ServiceError): Shown => ({
  phase: () => 'waiting',
  state: () => undefined,
  trouble: () => trouble,
});
const status = (tasks: [number, Shown][], over: Partial<Parameters<typeof statusOf>[0]> = {}) =>
  statusOf({
    ...{ version: '1', system: 'words/g', now: 10_000, joined: true, standby: undefined, refusal: undefined },
    ...{ grown: new Map(), tasks: new Map(tasks), source: { lag: () => 7 }, circuits: new Map() },
    ...{ rssBytes: 100, limitBytes: 400 },
    ...over,
  });

test('a running task tells what is outstanding, parked, held and remembered', () => {
  const state = newState();
  for (let i = 0; i < 5; i++) state.resolve(offered(state, i, `k${i}`), failing('reject'), 0);
  commit(state, state.endSlice(), 0);
  expect(status([[3, running(state)]]).tasks).toEqual([
    {
      task: 3,
      phase: 'running',
      lag: 7,
      lanes: { records: 3, keys: 3, due: 3, overdueMs: 5_000 },
      parked: { keys: 0, oldestMs: 0 },
      limit: { state: 'operator', held: 3, max: 2 },
      dedup: { ids: 2, windowMs: 60_000 },
    },
  ]);
});

test('parked keys, and lanes that are full', () => {
  const state = newState({ parks: true, laneMaxEntries: 1 });
  state.resolve(offered(state, 0, 'k'), failing('reject'), 4_000);
  commit(state, state.endSlice(), 0);
  expect(status([[0, running(state)]]).tasks[0]).toMatchObject({
    parked: { keys: 1, oldestMs: 6_000 },
    intake: { reason: 'lanes-full' },
    limit: { state: 'closed', held: 0 },
  });
});

test('a task that does not run tells why, and whether somebody must act', () => {
  const lost = new ServiceError('OFFSET_LOST', 'gone');
  const away = new ServiceError('BROKER_UNAVAILABLE', 'away');
  expect(
    status([
      [1, waiting(lost)],
      [0, waiting(away)],
    ]).tasks,
  ).toEqual([
    {
      task: 0,
      phase: 'waiting',
      trouble: { code: 'BROKER_UNAVAILABLE', waitsForOperator: false, message: 'away' },
    },
    { task: 1, phase: 'waiting', trouble: { code: 'OFFSET_LOST', waitsForOperator: true, message: 'gone' } },
  ]);
});

test('the process tells of itself, and all of it is as the schema says', () => {
  const full = status([[0, running(newState())]], {
    standby: 'standing by',
    refusal: new ServiceError('GROUP_TAKEN', 'taken'),
    grown: new Map([['words', 15]]),
    circuits: new Map([['http', 'open' as const]]),
    limitBytes: 400,
  });
  expect(full).toMatchObject({
    standby: 'standing by',
    refusal: { code: 'GROUP_TAKEN', message: 'taken' },
    grown: [{ topic: 'words', partitions: 15 }],
    circuits: [{ check: 'http', state: 'open' }],
    memory: { rssBytes: 100, limitBytes: 400 },
  });
  for (const document of [full, status([]), status([[0, waiting(new ServiceError('OFFSET_LOST', 'gone'))]])])
    expect(Check(statusSchema, document)).toBe(true);
  expect(Check(statusSchema, { ...full, tasks: [{ task: -1, phase: 'running' }] })).toBe(false);
});
