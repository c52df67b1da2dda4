import { describe, expect, test } from '@jest/globals';
import { CommitPace } from './commit-pace.ts';

/** Commits of a task that wants to commit all the time, one after the other within `ms`. */
const commits = (early: (now: number) => number, from: number, ms: number): number => {
  let count = 0;
  for (let now = from, wait = 0; now < from + ms; now += wait) {
    wait = early(now);
    if (wait === 0) count++;
  }
  return count;
};

describe('CommitPace', () => {
  test('a task that was alone commits at once, again and again', () => {
    const early = new CommitPace().join();
    expect([1_000, 1_005, 1_010, 1_015].map(early)).toEqual([0, 0, 0, 0]);
  });

  test('tells when to ask again, and it may then', () => {
    const early = new CommitPace().join();
    let now = 5_000;
    while (early(now) === 0);
    const wait = early(now);
    expect(wait).toBe(50);
    expect(early(now + wait - 1)).toBe(1);
    expect(early((now += wait))).toBe(0);
    expect(early(now)).toBe(50);
  });

  test('a task has 20 a second', () => {
    const early = new CommitPace().join();
    expect(commits(early, 1_000, 1)).toBe(20);
    expect(commits(early, 1_001, 10_000)).toBe(200);
  });

  test('all tasks of a process together have 100 a second', () => {
    const pace = new CommitPace();
    const tasks = Array.from({ length: 12 }, () => pace.join());
    let count = 0;
    for (let now = 0; now < 10_000; now++) for (const early of tasks) if (early(now) === 0) count++;
    expect(count).toBeGreaterThanOrEqual(1_000);
    expect(count).toBeLessThanOrEqual(1_100);
  });
});
