import { expect, test } from '@jest/globals';
import { later } from '@verdikt/test/support/producer/viewers.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { createPace, givesWay } from './pace.ts';

test('the view gives way while the edge is busy, and does not go to and fro', () => {
  const busy = [0.1, 0.79, 0.81, 0.7, 0.61, 0.59, 0.7];
  let gives = false;
  expect(busy.map((b) => (gives = givesWay(gives, b)))).toEqual([
    false,
    false,
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('it breathes at once; where it gives way, one log after the other, and works a tenth of the time', async () => {
  const clock = manualClock();
  let worked = 0;
  const pace = createPace({ clock, later, cpuMs: () => worked });
  worked += 70;
  await pace.breathe();
  expect(clock.timers).toBe(0);
  pace.giveWay(true);
  const read: number[] = [];
  for (const log of [1, 2, 3]) {
    worked += 4;
    void pace.breathe().then(() => read.push(log));
  }
  for (const least of [0, 1, 2, 3]) {
    await Promise.resolve();
    expect(read).toEqual([1, 2, 3].slice(0, least));
    clock.advance(35);
    await Promise.resolve();
    expect(read).toEqual([1, 2, 3].slice(0, least));
    clock.advance(1);
    await Promise.resolve();
  }
  pace.giveWay(false);
  await pace.breathe();
});
