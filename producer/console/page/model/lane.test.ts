import { expect, test } from '@jest/globals';
import { laneOf } from './lane.ts';
import type { Key, LaneWord } from './types.ts';

const waiting = (id: string, more: Partial<LaneWord> = {}): LaneWord => ({
  ...{
    id,
    place: 0,
    state: 'queued',
    reason: '',
    partition: 0,
    origin: 1,
    changedAt: 5,
    submittedAt: 5,
    attempts: [],
  },
  ...more,
});
const failed = { attempt: 1, redrive: 0, endedAt: 10, outcome: 'failed', nextDueAt: 14_000 } as const;
const key = (words: readonly LaneWord[], size = words.length): Key => ({
  ...{
    key: 'k',
    words: [],
    asOf: 0,
    since: 0,
    lane: { size, first: words.map((w, place) => ({ ...w, place })) },
  },
});
const retrying = waiting('a', { state: 'retrying', attempt: 2, dueAt: 14_000, attempts: [failed] });

test('the head is due, and nobody behind it runs before', () => {
  const lane = laneOf(key([retrying, waiting('b'), waiting('c')]), 2_000);
  expect(lane?.rows.map((r) => [r.id, r.place, r.mayRun])).toEqual([
    ['a', 0, 'attempt 2 runs in 12 s'],
    ['b', 1, 'runs when the head is decided; the head has its attempt in 12 s'],
    ['c', 2, 'runs after 2 others; the head has its attempt in 12 s'],
  ]);
  expect(lane?.rows[0].bars.map((b) => b.kind)).toEqual(['attempt', 'due']);
  expect(lane?.rows[1].bars.map((b) => [b.kind, b.from, b.to])).toEqual([['lane', 5, 2_000]]);
  expect([lane?.from, lane?.to]).toEqual([5, 14_000]);
});

test('a parked head holds up all behind it', () => {
  const lane = laneOf(key([waiting('a', { state: 'parked', attempts: [failed] }), waiting('b')]), 20_000);
  expect(lane?.rows.map((r) => r.mayRun)).toEqual([
    'runs when an operator redrives it; the words behind it wait',
    'runs when the head is decided, and the head is parked',
  ]);
  expect(lane?.rows[0].bars.at(-1)).toMatchObject({ kind: 'parked', to: 20_000 });
});

test('what is due runs, or is about to', () => {
  expect(laneOf(key([retrying]), 15_000)?.rows[0].mayRun).toBe('attempt 2 is due: it runs, or is about to');
});

test('where the head is of another client, only the place is known', () => {
  const lane = laneOf(
    { key: 'k', words: [], asOf: 0, since: 0, lane: { size: 5, first: [{ ...waiting('d'), place: 3 }] } },
    1,
  );
  expect(lane?.rows).toMatchObject([{ place: 3, mayRun: 'runs after 3 others' }]);
  expect(lane?.more).toBe(4);
  expect(laneOf(key([], 5), 1)).toMatchObject({ rows: [], more: 5 });
});

test('a million behind it are a number', () => {
  expect(laneOf(key([retrying], 1_000_000), 1)?.more).toBe(999_999);
});

test('nothing waits: there is no lane', () => {
  expect(laneOf(key([]), 1)).toBeUndefined();
  expect(laneOf({ key: 'k', words: [], asOf: 0, since: 0 }, 1)).toBeUndefined();
});

test('as of a time of which more is not known, an empty lane is not said to be empty', () => {
  const empty = { key: 'k', words: [], asOf: 0, since: 0, lane: { size: 0, first: [] } };
  expect(laneOf(empty, 1)).toBeUndefined();
  expect(laneOf({ ...empty, lane: { ...empty.lane, atLeast: true } }, 1)).toMatchObject({
    ...{ rows: [], more: 0, atLeast: true },
  });
});
