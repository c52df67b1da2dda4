import { expect, test } from '@jest/globals';
import type { TaskState } from '@verdikt/engine/state/state.ts';
import { commit, failing, newState, offered } from '../engine/state/state.fixture.ts';
import { hangs, intakeStopped, patience, pulseOf } from './live.ts';

const MINUTE = 60_000;
const LIMITS = patience(30_000);

interface World {
  /** Undefined: the task does not run. */
  readonly state: TaskState | undefined;
  /** Words are read for it. */
  readonly readable?: boolean;
  readonly stillMs: number;
}
const alive = ({ state, readable = false, stillMs }: World): boolean =>
  !hangs(pulseOf(3, state, { readable: () => readable }, stillMs, 0), LIMITS);

/** Records with keys of their own, each resolved so at time 0; the lanes hold no more. */
const full = (kind: 'retry' | 'reject' | 'wait', parks = false, laneMaxEntries = 5): TaskState => {
  const state = newState({ parks, laneMaxEntries });
  for (let i = 0; i < laneMaxEntries; i++) state.resolve(offered(state, i, `k${i}`), failing(kind), 0);
  commit(state, state.endSlice(), 0);
  return state;
};
/** An attempt that has not answered when its slice ends. */
const checking = (): TaskState => {
  const state = newState();
  state.enterRunning(offered(state, 0, 'k'));
  commit(state, state.endSlice(), 0);
  return state;
};
/** As the loop does: heads that are due are attempted, and wait again. */
const attempted = (state: TaskState, now: number): TaskState => {
  for (let a = state.nextAttempt(now); a !== undefined; a = state.nextAttempt(now))
    state.resolve(a, failing('wait'), now);
  return state;
};

test.each<[what: string, world: World, lives: boolean]>([
  [
    'fencing or restoring, Kafka away for a day',
    { state: undefined, readable: true, stillMs: 1440 * MINUTE },
    true,
  ],
  ['waiting for an operator, words unread', { state: undefined, readable: true, stillMs: 60 * MINUTE }, true],
  ['idle for a day', { state: newState(), stillMs: 1440 * MINUTE }, true],
  [
    'words unread, but the broker gives none',
    { state: newState(), readable: false, stillMs: 60 * MINUTE },
    true,
  ],
  ['words at hand, and working', { state: newState(), readable: true, stillMs: MINUTE }, true],
  ['words at hand, and not taken', { state: newState(), readable: true, stillMs: 6 * MINUTE }, false],
  [
    'every key parked, lanes full',
    { state: full('reject', true, 2), readable: true, stillMs: 600 * MINUTE },
    true,
  ],
  ['a check answers late', { state: checking(), readable: true, stillMs: 50 * MINUTE }, true],
  ['a check never answers', { state: checking(), readable: true, stillMs: 70 * MINUTE }, false],
  ['due for 6 minutes, and not attempted', { state: full('retry'), stillMs: 6 * MINUTE }, false],
  [
    'lanes full, a dependency away, heads attempted in vain',
    { state: attempted(full('wait'), 59.9 * MINUTE), readable: true, stillMs: 60 * MINUTE },
    true,
  ],
])('%s', (_, world, lives) => {
  expect(alive(world)).toBe(lives);
});

test('a dead-letter limit that waits for an operator is no reason for a restart', () => {
  const state = full('reject');
  expect(state.limitState(0)).toBe('operator');
  // Two letters were written, the rest is held and tried again after the longest back-off.
  expect(state.figures.records).toBe(3);
  expect(state.figures.dueAt).toBe(5_000);
  expect(alive({ state, readable: false, stillMs: 5 * MINUTE })).toBe(true);
  expect(alive({ state: attempted(state, 600 * MINUTE), stillMs: 600 * MINUTE })).toBe(true);
});

test('a request to Kafka may take as long as it is allowed to', () => {
  const slow = { stillMs: 15 * MINUTE, words: true, overdueMs: 0, checking: false };
  expect([hangs(slow, patience(30_000)), hangs(slow, patience(300_000))]).toEqual([true, false]);
});

test('a task whose lanes are full takes no new words', () => {
  expect([intakeStopped(newState(), 0), intakeStopped(full('wait'), 0)]).toEqual([undefined, 'lanes-full']);
});
