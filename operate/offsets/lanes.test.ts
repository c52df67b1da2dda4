import { expect, test } from '@jest/globals';
import type { LiveEntry } from '@verdikt/engine/restore/live-entries.ts';
import { lanesOf } from './lanes.ts';

const entry = (origin: number, key: string | undefined, more: Partial<LiveEntry> = {}): LiveEntry => ({
  ...{ origin, redrive: 0, offset: origin, key, dueAt: 0, parkedAt: 0, parkedFor: '' },
  ...more,
});

test('nothing outstanding', () => {
  const nothing = { records: 0, keys: 0, due: 0, overdueMs: 0, parkedKeys: 0, parkedMs: 0 };
  expect(lanesOf([], 1_000)).toEqual({ ...nothing, parkedFor: new Map() });
});

test('only heads are due, and a record without a key is a lane of its own', () => {
  const live = [
    entry(1, 'a', { dueAt: 400 }),
    entry(2, 'a', { dueAt: 100 }),
    entry(3, 'b', { dueAt: 5_000 }),
    entry(4, undefined, { dueAt: 700 }),
    entry(5, undefined),
  ];
  expect(lanesOf(live, 1_000)).toMatchObject({ records: 5, keys: 4, due: 3, overdueMs: 600 });
});

test('a parked head is not due, and neither is what waits behind it', () => {
  const live = [
    entry(1, 'a', { parkedAt: 300, parkedFor: 'http-5xx' }),
    entry(2, 'a'),
    entry(3, 'b', { parkedAt: 200, dueAt: 1, parkedFor: 'undecodable' }),
    entry(4, 'c', { parkedAt: 250, parkedFor: 'http-5xx' }),
  ];
  expect(lanesOf(live, 1_000)).toEqual({
    ...{ records: 4, keys: 3, due: 0, overdueMs: 0 },
    ...{ parkedKeys: 3, parkedMs: 800 },
    parkedFor: new Map([
      ['http-5xx', 2],
      ['undecodable', 1],
    ]),
  });
});
