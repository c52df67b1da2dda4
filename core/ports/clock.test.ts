import { expect, test } from '@jest/globals';
import { steadyTime } from './clock.ts';

const HOUR = 3_600_000;
const T0 = 1_750_000_000_000;

const started = () => {
  const t = { wall: T0, steady: 500.25 };
  const now = steadyTime(
    () => t.wall,
    () => t.steady,
  );
  const pass = (ms: number): number => {
    t.wall += ms;
    t.steady += ms;
    return now();
  };
  return { t, now, pass };
};

test('it is the wall clock while nobody touches that', () => {
  const { now, pass } = started();
  expect(now()).toBe(T0);
  expect(pass(1_000)).toBe(T0 + 1_000);
  for (let i = 0; i < 100; i++) pass(0.5);
  expect(now()).toBe(T0 + 1_050);
});

test.each([HOUR, -HOUR])('a wall clock that jumps by %d ms changes a duration by 5 %% at most', (jump) => {
  const { t, now, pass } = started();
  const since = now();
  t.wall += jump;
  expect(now()).toBe(since);
  const took = pass(10_000) - since;
  expect(took).toBe(10_000 + Math.sign(jump) * 500);
});

test.each([HOUR, -HOUR])('it has caught up with a jump of %d ms after 20 hours, and stays', (jump) => {
  const { t, now, pass } = started();
  t.wall += jump;
  for (let i = 0; i < 19 * 60; i++) pass(60_000);
  expect(Math.abs(now() - t.wall)).toBeGreaterThan(HOUR / 30);
  for (let i = 0; i < 62; i++) pass(60_000);
  expect(Math.abs(now() - t.wall)).toBeLessThanOrEqual(1);
});

test('it never goes back', () => {
  const { t, pass } = started();
  let last = 0;
  for (let i = 0; i < 1_000; i++) {
    t.wall += (i % 2 === 0 ? -1 : 1) * HOUR;
    const now = pass(i % 7);
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
});
