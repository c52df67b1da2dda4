import { expect, test } from '@jest/globals';
import { shared } from './shared.ts';

test('those who ask together, or a little later, get one answer', async () => {
  let now = 0;
  let asked = 0;
  const ask = shared(
    () => Promise.resolve(++asked),
    () => now,
    100,
  );
  expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  now = 99;
  expect(await ask()).toBe(1);
  now = 100;
  expect(await ask()).toBe(2);
});

test('a failure is told to those who asked, and asked again', async () => {
  let asked = 0;
  const ask = shared(
    () => (++asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve('here')),
    () => 0,
    100,
  );
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toBe('here');
});
