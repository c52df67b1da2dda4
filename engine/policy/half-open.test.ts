import { expect, test } from '@jest/globals';
import { HalfOpen } from './half-open.ts';

const HALF_OPEN_MS = 5_000;

/** One in which a call has succeeded, at 0. */
const proven = (): HalfOpen => {
  const tries = new HalfOpen({ check: 'c', failures: 10, halfOpenMs: HALF_OPEN_MS, concurrency: 8 });
  tries.take(0);
  tries.succeeded();
  tries.give();
  return tries;
};

test('keys that fail and give no answer for half a round get twice the places, up to all that may run', () => {
  const tries = proven();
  const seen: number[] = [];
  for (let failing = 1, now = 0; failing <= 6; failing++) {
    tries.take(now);
    if (tries.takesFailing(failing)) continue;
    const at = tries.stuckAt(failing);
    seen.push(at - now);
    if (at === Infinity) break;
    tries.pass(failing, at - 1);
    const before = tries.places;
    tries.pass(failing, at);
    seen.push(before, tries.places);
    now = at;
  }
  const half = HALF_OPEN_MS / 2;
  expect(seen).toEqual([half, 2, 4, half, 4, 8, Infinity]);
});

test('places stay as they are while another one may try, and until some call has succeeded', () => {
  const tries = proven();
  expect(tries.stuckAt(0)).toBe(Infinity);
  tries.restart(true);
  tries.take(0);
  expect(tries.stuckAt(1)).toBe(Infinity);
  tries.pass(1, 10 * HALF_OPEN_MS);
  expect(tries.places).toBe(1);
});
