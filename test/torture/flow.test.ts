import { expect, test } from '@jest/globals';
import { until } from '../support/wait.ts';
import { startFlow } from './flow.ts';

test('it writes at its rate, in the order of the keys', async () => {
  const written: number[] = [];
  const rounds: { readonly at: number; readonly words: number }[] = [];
  let next = 0;
  const flow = startFlow(
    2_000,
    () => next++,
    async (keys) => {
      written.push(...keys);
      rounds.push({ at: performance.now(), words: written.length });
    },
  );
  const begun = performance.now();
  await until('some rounds', () => rounds.length > 5);
  const { words, perSecond } = await flow.stop();
  expect(words).toBe(written.length);
  expect(written).toEqual(Array.from({ length: words }, (_, i) => i));
  expect(perSecond).toBeLessThanOrEqual(2_000);
  // Each round writes all that was due in the one before it, however late the rounds are.
  for (const [i, round] of rounds.slice(1).entries())
    expect(round.words).toBeGreaterThanOrEqual(Math.floor((rounds[i].at - begun) * 2));
});

test('who stops it hears of what could not be written', async () => {
  const flow = startFlow(
    1_000,
    () => 0,
    () => Promise.reject(new Error('no')),
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(flow.stop()).rejects.toThrow('no');
});
