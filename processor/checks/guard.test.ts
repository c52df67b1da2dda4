import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, expect, test } from '@jest/globals';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { createGuard, type Guard } from './guard.ts';

const HALF_OPEN_MS = 50;
const YES: CheckOutcome = { kind: 'pass', answer: true, detail: null };
const NO: CheckOutcome = { kind: 'retry', reason: 'away', detail: '' };

let now: number;
let guard: Guard;
let calls: number;
const attempt = async (outcome: CheckOutcome, fresh: boolean): Promise<string> =>
  (await guard.run(() => (calls++, Promise.resolve(outcome)), fresh)).kind;
/** Of our clock, and of the one that the circuit goes by. */
const pass = async (ms: number): Promise<void> => {
  now += ms;
  await pause(ms + 5);
};

/** Opened by three words in a row. */
const opened = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) expect(await attempt(NO, true)).toBe('retry');
  expect([await attempt(YES, true), calls]).toEqual(['wait', 3]);
};

beforeEach(() => {
  [now, calls] = [1_000_000, 0];
  guard = createGuard(
    'check',
    { name: 'c', timeoutMs: 1_000, concurrency: 8, breakerFailures: 3, breakerHalfOpenMs: HALF_OPEN_MS },
    { clock: { now: () => now, after: () => () => undefined } },
  );
});

test('words that have failed before do not open it while others succeed', async () => {
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 5; i++) expect(await attempt(NO, false)).toBe('retry');
    now += HALF_OPEN_MS - 1;
    expect(await attempt(YES, true)).toBe('pass');
  }
});

test('they open it where nothing has succeeded for a while: the service is away', async () => {
  expect(await attempt(NO, true)).toBe('retry');
  now += HALF_OPEN_MS;
  for (let i = 0; i < 2; i++) expect(await attempt(NO, false)).toBe('retry');
  expect([await attempt(YES, false), calls]).toEqual(['wait', 3]);
});

test('an open circuit is tried by a word that has not failed before, and closes for all', async () => {
  await opened();
  await pass(HALF_OPEN_MS);
  expect([await attempt(NO, false), calls]).toEqual(['wait', 3]);
  expect(await attempt(YES, true)).toBe('pass');
  expect([await attempt(YES, false), calls]).toEqual(['pass', 5]);
});

test('where no such word comes, one that has failed before tries it after as long again', async () => {
  await opened();
  await pass(HALF_OPEN_MS);
  expect(await attempt(YES, false)).toBe('wait');
  await pass(HALF_OPEN_MS);
  expect(await attempt(NO, false)).toBe('retry');
  expect(await attempt(YES, false)).toBe('wait');
  await pass(2 * HALF_OPEN_MS);
  expect([await attempt(YES, false), calls]).toEqual(['pass', 5]);
});
