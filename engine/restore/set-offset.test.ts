import { expect, test } from '@jest/globals';
import { offsetFor, type OffsetFacts } from './set-offset.ts';

const ours = { kind: 'commit', mark: { epoch: 0, last: {} }, note: undefined } as const;
const facts = (change: Partial<OffsetFacts>): OffsetFacts => ({
  ...{ committed: 40n, metadata: ours, told: 30, words: { start: 10, end: 100 } },
  ...change,
});

test.each<[string, Partial<OffsetFacts>, number]>([
  ['our own commit past what the outputs say', {}, 40],
  ['outputs past the commit', { told: 50 }, 50],
  ['the commit of somebody else', { metadata: { kind: 'foreign' } }, 30],
  ['no commit', { committed: null }, 30],
  ['no outputs', { told: undefined }, 40],
  ['a log that was cut', { words: { start: 60, end: 100 } }, 60],
  ['a log that lost its end', { words: { start: 0, end: 20 } }, 20],
])('right is, with %s', (_, change, right) => {
  expect(offsetFor('right', facts(change))).toBe(right);
});

test.each([
  { metadata: { kind: 'foreign' }, told: undefined } as const,
  { committed: null, told: undefined } as const,
])('nothing tells what is right: CONFIG_INVALID', (change) => {
  expect(() => offsetFor('right', facts(change))).toThrow('nothing tells');
});

test('what is named lies in the log', () => {
  expect([offsetFor('start', facts({})), offsetFor('end', facts({})), offsetFor(10, facts({}))]).toEqual([
    10, 100, 10,
  ]);
  for (const to of [9, 101]) expect(() => offsetFor(to, facts({}))).toThrow('10 to 100');
});
