import { describe, expect, test } from '@jest/globals';
import type { Seen } from './observer.ts';
import { perSecond, progressAfterHeal, stalls } from './recovery.ts';

const seen = (partition: number, ...times: number[]): Seen[] =>
  times.map((timestamp, offset) => ({
    topic: 'results',
    record: { timestamp, partition, offset, key: 'k', headers: new Map(), value: '' },
  }));

describe('stalls', () => {
  test('are the longest pause of each partition, longest first, whatever the order of reading', () => {
    const all = [...seen(0, 1_000, 1_100, 1_150), ...seen(1, 4_000, 1_000, 1_500)];
    expect(stalls(all, 1_000, 9_000)).toEqual([
      { partition: 1, at: 500, ms: 2_500 },
      { partition: 0, at: 0, ms: 100 },
    ]);
  });

  test('look at the time in which there was work alone', () => {
    expect(stalls(seen(0, 500, 1_000, 1_200, 2_100, 9_000), 900, 2_000)).toEqual([
      { partition: 0, at: 300, ms: 900 },
    ]);
  });

  test('count one that outlasts that time to its end', () => {
    expect(stalls(seen(0, 1_000, 1_200, 9_000), 900, 2_000)).toEqual([{ partition: 0, at: 300, ms: 7_800 }]);
  });

  test('count the wait for the first end', () => {
    expect(stalls(seen(0, 5_000, 5_010), 1_000, 9_000)).toEqual([{ partition: 0, at: 0, ms: 4_000 }]);
  });
});

test('a stall counts from the last strike in it at the owner of its partition', () => {
  const strike = (at: number, ...partitions: number[]) =>
    ({ at, kind: 'fault', text: '', partitions }) as const;
  const marks = [strike(2_000, 0), strike(5_000, 0, 1), strike(6_000, 1), strike(9_500, 0)];
  const all = [...seen(0, 1_000, 10_000), ...seen(1, 1_000, 6_500, 6_600)];
  expect(stalls(all, 1_000, 9_000, marks)).toEqual([
    { partition: 0, at: 5_000, ms: 4_000 },
    { partition: 1, at: 5_000, ms: 500 },
  ]);
});

test('ends per second count from the start, quiet seconds too', () => {
  expect(perSecond([...seen(0, 10_000, 10_999, 12_000), ...seen(1, 9_999)], 10_000)).toEqual([2, 0, 1]);
});

describe('progress after a repair', () => {
  const marks = [
    { at: 100, kind: 'fault', text: '' },
    { at: 300, kind: 'healed', text: '' },
    { at: 1_000, kind: 'healed', text: '' },
  ] as const;

  test('is the time from the last one to the first end after it', () => {
    expect(progressAfterHeal(seen(0, 10_900, 11_750, 11_250), marks, 10_000)).toBe(250);
  });

  test('is unknown without a repair, or without an end', () => {
    expect(progressAfterHeal(seen(0, 10_900), [], 10_000)).toBeUndefined();
    expect(progressAfterHeal(seen(0, 10_900), marks, 10_000)).toBeUndefined();
  });
});
