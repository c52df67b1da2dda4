import { expect, test } from '@jest/globals';
import { laneOf } from './lane.ts';
import type { Key, LaneWord } from './types.ts';

const waiting = (id: string, more: Partial<LaneWord> = {}): LaneWord => ({
  ...{ id, state: 'queued', reason: '', origin: 1, changedAt: 5, submittedAt: 5, attempts: [] },
  ...more,
});
const failed = { attempt: 1, redrive: 0, endedAt: 10, outcome: 'failed', nextDueAt: 14_000 } as const;
const key = (first: readonly LaneWord[], size = first.length): Key => ({
  ...{ key: 'k', words: [], asOf: 0, lane: { size, first } },
});
const retrying = waiting('a', { state: 'retrying', attempt: 2, dueAt: 14_000, attempts: [failed] });

test('the head is due, and nobody behind it runs before', () => {
  const lane = laneOf(key([retrying, waiting('b'), waiting('c')]), 2_000);
  expect(lane?.rows.map((r) => [r.id, r.head, r.mayRun])).toEqual([
    ['a', true, 'attempt 2 runs in 12 s'],
    ['b', false, 'runs when the head is decided; the head has its attempt in 12 s'],
    ['c', false, 'runs after 2 others; the head has its attempt in 12 s'],
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

test('a million behind it are a number', () => {
  expect(laneOf(key([retrying], 1_000_000), 1)?.more).toBe(999_999);
});

test('nothing waits: there is no lane', () => {
  expect(laneOf(key([]), 1)).toBeUndefined();
  expect(laneOf({ key: 'k', words: [], asOf: 0 }, 1)).toBeUndefined();
});
