import { expect, test } from '@jest/globals';
import type { Seen } from './observer.ts';
import { waitAt } from './waits.ts';

const ended = (key: string, wait: number, told = true): Seen => ({
  topic: 'results',
  record: {
    ...{ timestamp: 10_000 + wait, partition: 0, offset: 0, key, value: '' },
    headers: new Map(told ? [['submitted-at', '10000']] : []),
  },
});
const all = Array.from({ length: 200 }, (_, i) => ended(i === 7 ? 'slow' : 'key', i === 7 ? 9_000 : 200 - i));

test('a share of those that are chosen waited less', () => {
  expect(waitAt(all, 0.5, (r) => r.key === 'key')).toBe(100);
  expect(waitAt(all, 0.999, () => true)).toBe(9_000);
  expect(waitAt(all, 0.99, (r) => r.key === 'key')).toBe(199);
});

test('it is not known when nobody was chosen, or one end does not tell', () => {
  expect(waitAt(all, 0.5, () => false)).toBeNaN();
  expect(waitAt([...all, ended('key', 1, false)], 0.5, () => true)).toBeNaN();
});
