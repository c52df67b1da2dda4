import { expect, test } from '@jest/globals';
import { lifeOf } from '@verdikt/test/support/producer/view-store-suite.ts';
import type { Life, State, Step } from './life.ts';
import { createCounts, MAX_DUE } from './summary.ts';

const NOW = 1_000_000_000;
const at = (state: State, more: Partial<Life> = {}): Life =>
  lifeOf(1, { state, submittedAt: NOW - 2_000, ...more });
const retrying = (origin: number, dueAt: number): Life => {
  const step: Step = { what: 'retrying', at: 1, topic: 'retry', offset: 1, redrive: 0, attempt: 2, dueAt };
  return lifeOf(origin, { state: 'retrying', steps: [step] });
};
const last = (numbers: readonly number[]) => numbers.at(-1);

test('counts what waits by state, as it changes', () => {
  const c = createCounts();
  c.begin(
    new Map<State, number>([
      ['parked', 2],
      ['retrying', 5],
    ]),
    [],
  );
  c.changed(undefined, at('accepted'), NOW);
  c.changed(at('accepted'), at('queued'), NOW);
  c.changed(at('parked'), at('redriven'), NOW);
  c.changed(at('retrying'), at('retrying'), NOW);
  c.changed(at('retrying'), at('verdict'), NOW);
  expect(c.waiting()).toEqual({ queued: 1, retrying: 4, parked: 1, redriven: 1 });
});

test('the last minute, second by second; what is older is forgotten', () => {
  const c = createCounts();
  c.changed(undefined, at('accepted'), NOW - 1_000);
  c.changed(at('accepted'), at('verdict'), NOW - 1_000);
  c.changed(at('queued'), at('dead-lettered'), NOW - 1_000);
  // Told again, with nothing new.
  c.changed(at('verdict'), at('verdict'), NOW - 1_000);
  const now = c.minute(NOW);
  expect([now.accepted.length, last(now.accepted), last(now.verdicts), last(now.deadLetters)]).toEqual([
    60, 1, 1, 1,
  ]);
  expect(last(c.minute(NOW + 1_000).verdicts)).toBe(0);
  expect(c.minute(NOW + 1_000).verdicts.at(-2)).toBe(1);
  const later = c.minute(NOW + 60_000);
  expect([...later.accepted, ...later.verdicts, ...later.deadLetters].some((n) => n > 0)).toBe(false);
  expect(later.endToEnd).toBeUndefined();
});

test('what is read of long ago does not count as of now', () => {
  const c = createCounts();
  c.changed(undefined, at('accepted'), NOW);
  c.changed(undefined, at('accepted'), NOW - 60_000);
  expect(c.minute(NOW + 1_000).accepted.reduce((a, b) => a + b)).toBe(1);
});

test('times from a word to its verdict, within a tenth', () => {
  const c = createCounts();
  for (let ms = 1; ms <= 1_000; ms++) {
    const submittedAt = NOW - 1_000 - ms;
    c.changed(at('accepted', { submittedAt }), at('verdict', { submittedAt }), NOW - 1_000);
  }
  const { endToEnd } = c.minute(NOW);
  expect(Math.abs((endToEnd?.p50Ms ?? 0) / 500 - 1)).toBeLessThan(0.1);
  expect(Math.abs((endToEnd?.p99Ms ?? 0) / 990 - 1)).toBeLessThan(0.1);
});

test('the retry that is due for longest, until it is tried', () => {
  const c = createCounts();
  expect(c.earliestDue()).toBeUndefined();
  c.begin(new Map(), [retrying(1, 500), lifeOf(2, { state: 'queued' })]);
  c.changed(undefined, retrying(3, 400), NOW);
  expect(c.earliestDue()).toBe(400);
  c.changed(retrying(3, 400), retrying(3, 900), NOW);
  expect(c.earliestDue()).toBe(500);
  c.changed(retrying(1, 500), lifeOf(1), NOW);
  expect(c.earliestDue()).toBe(900);
});

test('of those that wait, only so many are looked at', () => {
  const c = createCounts();
  for (let i = 0; i < MAX_DUE; i++) c.changed(undefined, retrying(i, 9_000), NOW);
  c.changed(undefined, retrying(MAX_DUE, 1), NOW);
  expect(c.earliestDue()).toBe(9_000);
});
