import { expect, test } from '@jest/globals';
import { Budget, type Share } from './budget.ts';

const fill = (budget: Budget, share: Share): number => {
  while (budget.free(share)) budget.take(share);
  return share.running;
};

test('a task alone gets all of it', () => {
  const budget = new Budget(8);
  expect(fill(budget, budget.join())).toBe(8);
  expect(budget.left).toBe(false);
});

test('a task with a slow check goes on while others take all they can get', () => {
  const budget = new Budget(64);
  const [slow, ...others] = Array.from({ length: 4 }, () => budget.join());
  budget.take(slow);
  for (const o of others) fill(budget, o);
  expect(others.map((o) => o.running)).toEqual([40, 8, 8]);
  expect(fill(budget, slow)).toBe(8);
  expect(budget.left).toBe(false);
});

test('no more run than may, but for one of each task', () => {
  const budget = new Budget(3);
  const shares = Array.from({ length: 5 }, () => budget.join());
  expect(shares.map((s) => fill(budget, s))).toEqual([3, 1, 1, 1, 1]);
});

test('what one gives back another may take', () => {
  const budget = new Budget(4);
  const [a, b] = [budget.join(), budget.join()];
  fill(budget, a);
  expect(a.running).toBe(3);
  budget.take(b);
  expect(budget.free(b)).toBe(false);
  budget.give(a);
  expect(fill(budget, b)).toBe(2);
});

test('what still runs of a task that left counts until it is given back', () => {
  const budget = new Budget(2);
  const [gone, next] = [budget.join(), budget.join()];
  budget.take(gone);
  budget.leave(gone);
  expect(fill(budget, next)).toBe(1);
  budget.give(gone);
  expect(fill(budget, next)).toBe(2);
});

test('keys that fail get a quarter of the places while new records wait anywhere, else three quarters', () => {
  const budget = new Budget(16);
  const [a, b] = [budget.join(), budget.join()];
  const take = (share: typeof a): number => {
    let n = 0;
    for (; budget.turnOfFailing(share) !== 'never'; n++) budget.take(share, true);
    return n;
  };
  b.fresh = true;
  expect(take(a)).toBe(4);
  b.fresh = false;
  expect(take(a)).toBe(8);
  expect(budget.free(b)).toBe(true);
});

test('heads that are due wait as new records do: those of other tasks keep the quarter, own ones go first beyond it', () => {
  const budget = new Budget(16);
  const [a, b] = [budget.join(), budget.join()];
  const turns = (): string[] => [budget.turnOfFailing(a), budget.turnOfFailing(b)];
  expect(turns()).toEqual(['first', 'first']);
  for (let n = 0; n < 4; n++) budget.take(a, true);
  a.due = true;
  expect(turns()).toEqual(['last', 'never']);
  [a.due, b.due] = [false, true];
  expect(turns()).toEqual(['never', 'last']);
});

test('such places are dealt out evenly, and where there is no quarter one follows some others', () => {
  const budget = new Budget(16);
  const [a, b] = [budget.join(), budget.join()];
  [a.fresh, b.behind] = [true, true];
  budget.take(a, true);
  expect([budget.turnOfFailing(a), budget.turnOfFailing(b)]).toEqual(['never', 'first']);

  const small = new Budget(2);
  const share = small.join();
  share.fresh = true;
  const allowed: boolean[] = [];
  for (let i = 0; i < 6; i++) {
    const failing = small.turnOfFailing(share) !== 'never';
    allowed.push(failing);
    small.take(share, failing);
    small.give(share, failing);
  }
  expect(allowed).toEqual([true, false, false, false, true, false]);
});
