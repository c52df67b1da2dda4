import { expect, test } from '@jest/globals';
import type { Mix } from './mix.ts';
import { COMMIT_MS } from './process.ts';
import { playMix } from './run.ts';

const LATENCY_MS = 5;
/** Of a slice; see `createMixProcess`. */
const SLICE_MS = 100;

/** Words of keys of their own, at these times, whose check answers after `LATENCY_MS`. */
const wordsAt = (times: readonly number[]): Mix => ({
  services: [{ name: 's0', latencyMs: LATENCY_MS, away: [], hangs: false }],
  ...{
    processes: 1,
    tasks: 1,
    places: 64,
    concurrency: 64,
    bad: new Map(),
    schemas: undefined,
    parks: false,
  },
  words: times.map((at, n) => ({ at, key: `k${n}`, task: 0 })),
});

test('a word that comes alone ends after its check and one transaction', async () => {
  const times = [1_000, 1_500, 3_000];
  const { ended, violations } = await playMix(wordsAt(times), 1);
  expect(violations).toEqual([]);
  expect(times.map((at, n) => (ended.get(n) ?? 0) - at)).toEqual(times.map(() => LATENCY_MS + COMMIT_MS));
});

test('words that trickle share transactions, and none waits for longer than a slice', async () => {
  const seconds = 10;
  const times = Array.from({ length: seconds * 100 }, (_, i) => 1_000 + 10 * i);
  const { ended } = await playMix(wordsAt(times), 1);
  const waited = times.map((at, n) => (ended.get(n) ?? Infinity) - at);
  expect(Math.max(...waited)).toBeLessThanOrEqual(SLICE_MS + LATENCY_MS + 2 * COMMIT_MS);
  // Those of a second at first, then 20 a second.
  expect(new Set(ended.values()).size).toBeLessThanOrEqual(20 * (seconds + 1) + 1);
});
