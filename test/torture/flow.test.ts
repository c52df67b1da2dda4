import { expect, test } from '@jest/globals';
import { startFlow } from './flow.ts';

test('it writes at its rate, in the order of the keys', async () => {
  const written: number[] = [];
  let next = 0;
  const flow = startFlow(
    2_000,
    () => next++,
    async (keys) => void written.push(...keys),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { words, perSecond } = await flow.stop();
  expect(words).toBe(written.length);
  expect(written).toEqual(Array.from({ length: words }, (_, i) => i));
  expect(perSecond).toBeGreaterThan(1_500);
  expect(perSecond).toBeLessThanOrEqual(2_000);
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
