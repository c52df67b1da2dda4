import { expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { makeRecord } from '@verdikt/core/record/make-record.ts';
import type { LiveEntry } from '@verdikt/engine/restore/live-entries.ts';
import { longestFirst, parkedKeysOf, readParked } from './parked.ts';

const entry = (origin: number, key: string | undefined, parkedAt = 0): LiveEntry => ({
  ...{
    origin,
    redrive: 0,
    offset: origin * 10,
    key,
    dueAt: 0,
    parkedAt,
    parkedFor: parkedAt > 0 ? 'odd' : '',
  },
});

test('a key is parked by its head, and what waits behind it is counted', () => {
  const live = [
    entry(1, 'a', 500),
    entry(2, 'b'),
    entry(3, 'a'),
    entry(4, undefined, 600),
    entry(5, 'a'),
    entry(6, undefined),
  ];
  expect(parkedKeysOf(3, live)).toEqual([
    { task: 3, head: live[0], followers: 2 },
    { task: 3, head: live[3], followers: 0 },
  ]);
});

test('those that have waited longest come first', () => {
  const keys = [
    ...parkedKeysOf(1, [entry(9, 'x', 700)]),
    ...parkedKeysOf(0, [entry(4, 'y', 500), entry(5, 'z', 900)]),
  ];
  expect(longestFirst(keys).map((k) => k.head.origin)).toEqual([4, 9, 5]);
});

test('a head that has gone on meanwhile is told without its id', async () => {
  const [key] = parkedKeysOf(0, [entry(1, 'a', 500)]);
  const record = makeRecord({
    ...{ offset: 10, timestamp: 1, key: Buffer.from('ä'), value: null },
    headers: [[H.id, Buffer.from('id-1')]],
  });
  const found = await readParked({ fetch: () => Promise.resolve([record]) }, 'retry', [key]);
  expect(found).toMatchObject([{ id: 'id-1', key: 'ä', followers: 0 }]);
  const gone = await readParked({ fetch: () => Promise.reject(new Error('gone')) }, 'retry', [key]);
  expect(gone).toMatchObject([{ id: undefined, key: null }]);
});
