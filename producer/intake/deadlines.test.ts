import { expect, test } from '@jest/globals';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createDeadlines } from './deadlines.ts';

const watch = () => {
  const clock = manualClock(0);
  const due: string[] = [];
  const deadlines = createDeadlines(clock, 10);
  const owners = { a: {}, b: {}, c: {} };
  const add = (name: 'a' | 'b' | 'c'): void => deadlines.add(owners[name], () => due.push(name));
  const to = (time: number): void => clock.advance(time - clock.now());
  return { to, armed: () => clock.timers, due, deadlines, owners, add };
};

test('each wait ends once, after its time, with one timer for all', () => {
  const w = watch();
  w.add('a');
  w.to(4);
  w.add('b');
  expect(w.armed()).toBe(1);
  w.to(9);
  expect(w.due).toEqual([]);
  w.to(10);
  expect(w.due).toEqual(['a']);
  w.to(14);
  expect(w.due).toEqual(['a', 'b']);
  w.to(99);
  expect(w.due).toEqual(['a', 'b']);
  expect(w.armed()).toBe(0);
});

test('a removed wait is never due, and a renewed one starts again', () => {
  const w = watch();
  w.add('a');
  w.add('b');
  w.add('c');
  w.deadlines.remove(w.owners.b);
  w.to(5);
  w.add('a');
  w.to(12);
  expect(w.due).toEqual(['c']);
  w.to(15);
  expect(w.due).toEqual(['c', 'a']);
});

test('a wait may be renewed when it is due', () => {
  const w = watch();
  const again = (): void => {
    w.due.push('again');
    w.deadlines.add(w.owners.a, again);
  };
  w.deadlines.add(w.owners.a, again);
  w.to(10);
  w.to(20);
  expect(w.due).toEqual(['again', 'again']);
});

test('close ends waits and timer', () => {
  const w = watch();
  w.add('a');
  w.deadlines.close();
  expect(w.armed()).toBe(0);
  w.to(50);
  expect(w.due).toEqual([]);
});
