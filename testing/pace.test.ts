import { expect, test } from '@jest/globals';
import { manualClock } from './manual-clock.ts';
import { pace, type PaceDeps } from './pace.ts';

const paced = (more: Partial<PaceDeps>) => {
  const clock = manualClock(0);
  const deps = { clock, busy: () => false, done: () => false, failure: () => undefined, limitMs: 1_000 };
  const tick = (): void => void clock.after(100, tick);
  return { clock, tick, run: () => pace({ ...deps, ...more }) };
};

test('jumps from timer to timer until it is done', async () => {
  const { clock, tick, run } = paced({ done: () => clock.now() >= 500 });
  tick();
  await run();
  expect(clock.now()).toBe(500);
});

test('goes as real time does while something runs', async () => {
  const begun = performance.now();
  const { clock, run } = paced({ busy: () => true, done: () => clock.now() >= 20 });
  await run();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(20);
});

test('ends after the limit of virtual time', async () => {
  const { tick, run } = paced({});
  tick();
  await expect(run()).rejects.toThrow('words are still undecided after 1000 ms');
});

test('ends where nothing is due, and where there is a failure', async () => {
  await expect(paced({}).run()).rejects.toThrow('nothing is due');
  await expect(paced({ failure: () => new Error('broken') }).run()).rejects.toThrow('broken');
});
