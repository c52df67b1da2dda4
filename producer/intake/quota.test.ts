import { describe, expect, test } from '@jest/globals';
import { createQuota } from './quota.ts';

const takes = (n: number, take: () => boolean): number =>
  Array.from({ length: n }, take).filter((t) => t).length;

describe('a client', () => {
  const quota = () => createQuota({ perSecond: 10, burst: 5 });

  test('may send a burst, then as fast as the bucket fills', () => {
    const a = quota()('a', 0);
    expect(takes(9, () => a.take(0))).toBe(5);
    expect([a.left(0), a.nextInSeconds(0), a.wholeInSeconds(0)]).toEqual([0, 1, 1]);
    expect([a.take(99), a.take(100), a.take(100)]).toEqual([false, true, false]);
    expect(takes(9, () => a.take(60_000))).toBe(5);
  });

  test('has a bucket of its own, the same at each request', () => {
    const of = quota();
    expect(takes(9, () => of('a', 0).take(0))).toBe(5);
    expect(takes(9, () => of('b', 0).take(0))).toBe(5);
  });

  test('gains and loses nothing by a clock that is set back', () => {
    const a = quota()('a', 10_000);
    expect(takes(9, () => a.take(10_000))).toBe(5);
    expect([a.take(0), a.take(99), a.take(100)]).toEqual([false, false, true]);
  });

  test('with a slow rate is told the seconds that it takes', () => {
    const a = createQuota({ perSecond: 0.1, burst: 2 })('a', 0);
    expect(takes(3, () => a.take(0))).toBe(2);
    expect([a.nextInSeconds(0), a.nextInSeconds(4_000), a.wholeInSeconds(4_000)]).toEqual([10, 6, 16]);
  });
});

test('only so many clients are remembered, the latest', () => {
  const of = createQuota({ perSecond: 0.001, burst: 1 }, 2);
  for (const client of ['a', 'b', 'a', 'c']) of(client, 0).take(0);
  expect(['c', 'a'].map((client) => of(client, 0).take(0))).toEqual([false, false]);
  expect(of('b', 0).take(0)).toBe(true);
});
