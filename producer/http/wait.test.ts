import { expect, test } from '@jest/globals';
import { readWait } from './wait.ts';

test.each([
  ['wait=5', 5_000],
  ['respond-async, wait=10', 10_000],
  ['WAIT = "7" ; x=1', 7_000],
  ['wait=3, wait=9', 3_000],
  ['wait=100', 30_000],
  ['wait=', 0],
  ['wait=-1', 0],
  ['handling=lenient', 0],
])('Prefer: %s', (prefer, ms) => {
  const wait = readWait(undefined, { prefer });
  expect(wait).toMatchObject({ ms });
  const applied = ms === 0 ? {} : { 'preference-applied': `wait=${ms / 1_000}` };
  expect(wait).toMatchObject({ applied });
});

test.each([
  ['5', 5_000],
  ['5s', 5_000],
  ['250ms', 250],
  ['99', 30_000],
])('?wait=%s, which goes over Prefer', (query, ms) => {
  expect(readWait(query, { prefer: 'wait=1' })).toEqual({ ms, applied: {} });
});

test.each(['', 'x', '-1', '1h', ['1', '2']])('?wait=%s is refused', (query) => {
  expect(readWait(query, {})).toMatchObject({ code: 'INPUT_INVALID', field: 'wait' });
});
