import { beforeEach, expect, test } from '@jest/globals';
import type { CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { createGuard, type Guard } from './guard.ts';

const HALF_OPEN_MS = 5_000;
const YES: CheckOutcome = { kind: 'pass', answer: true, detail: null };
const NO: CheckOutcome = { kind: 'retry', reason: 'away', detail: '' };

let now: number;
let guard: Guard<() => Promise<CheckOutcome>>;
let calls: number;
const attempt = async (outcome: CheckOutcome, key: number): Promise<string> =>
  (await guard.run(() => (calls++, Promise.resolve(outcome)), key)).kind;

beforeEach(() => {
  [now, calls] = [1_000_000, 0];
  guard = createGuard(
    'check',
    { name: 'c', timeoutMs: 1_000, concurrency: 2, breakerFailures: 3, breakerHalfOpenMs: HALF_OPEN_MS },
    ([call]) => call(),
    { clock: { now: () => now, after: () => () => undefined } },
  );
});

test('an open circuit answers at once, without a call, until one that tries it succeeds', async () => {
  for (const key of [1, 2, 3]) expect(await attempt(NO, key)).toBe('retry');
  expect(guard.run(() => Promise.resolve(YES), 4)).toMatchObject({ kind: 'wait', reason: 'circuit-open' });
  now += HALF_OPEN_MS;
  expect([await attempt(YES, 4), await attempt(YES, 5), calls]).toEqual(['pass', 'pass', 5]);
  expect(guard.circuit.look(now).state).toBe('closed');
});

test('an answer that is no retry counts as one of a service that is there', async () => {
  for (const key of [1, 2]) await attempt(NO, key);
  await attempt({ kind: 'reject', reason: 'bad', detail: '' }, 3);
  await attempt(NO, 4);
  expect(guard.circuit.look(now).state).toBe('closed');
});

test('so many calls run at once; those that wait for their turn are not made once it has opened', async () => {
  const ends: ((o: CheckOutcome) => void)[] = [];
  const all = [1, 2, 3, 4, 5, 6].map((key) =>
    guard.run(() => new Promise((resolve) => ends.push(resolve)), key),
  );
  await Promise.resolve();
  const begun: number[] = [];
  for (let i = 0; i < 3; i++) {
    begun.push(ends.length);
    ends[i](NO);
    await all[i];
    await new Promise(setImmediate);
  }
  expect([begun, guard.circuit.look(now).state]).toEqual([[2, 3, 4], 'open']);
  ends[3](NO);
  const last = (await Promise.all(all)).slice(3).map((o) => o.kind);
  expect([last, ends.length]).toEqual([['retry', 'wait', 'wait'], 4]);
});
