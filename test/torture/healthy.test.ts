import { expect, test } from '@jest/globals';
import { stoodStill } from './healthy.ts';
import type { Seen } from './observer.ts';

const end = (partition: number, timestamp: number): Seen => ({
  topic: 'results',
  record: { timestamp, partition, offset: 0, key: 'k', value: '', headers: new Map() },
});

test('only partitions without a reason are told, and only for gaps within the window', () => {
  const seen = [end(0, 1_200), end(0, 1_900), end(0, 9_000), end(1, 1_100)];
  const window = { from: 1_000, to: 2_000, but: [1] };
  expect(stoodStill(seen, 2, [window], 800)).toEqual([]);
  expect(stoodStill(seen, 2, [window], 600)).toHaveLength(1);
  expect(stoodStill(seen, 2, [{ ...window, but: [] }], 800)).toEqual([
    expect.stringContaining('partition 1 stood still for 900 ms'),
  ]);
});
