import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SeenRecord } from '../support/system/console-reader.ts';
import { idOf, keyName } from './numbered.ts';
import { Tally } from './tally.ts';

const STARTED = 1_000_000;
let tally: Tally;
let offset: number;

beforeEach(() => {
  offset = 0;
  tally = new Tally({
    ...{ keys: 3, word: (key, counter) => `${key}x${counter}`, started: STARTED },
    expected: (key) =>
      key === 2
        ? { kind: 'dead-letter', reason: 'http-5xx', attempts: 5 }
        : { kind: 'result', answer: 'true', attempts: 1 },
  });
  for (const key of [0, 0, 0, 1, 2]) tally.sent(key);
});

const record = (
  key: number,
  value: string,
  headers: Record<string, string> = {},
  at = offset,
): SeenRecord => ({
  ...{ timestamp: STARTED + at, partition: 0, offset: offset++, key: keyName(key), value },
  headers: new Map(Object.entries(headers)),
});
const verdict = (key: number, counter: number, more: object = {}, at?: number): void => {
  const value = JSON.stringify({ id: idOf(key, counter), accepted: true, attempts: 1, ...more });
  tally.take('results', record(key, value, {}, at));
};
const letter = (key: number, headers: Record<string, string> = {}): void => {
  const origin = { 'verdikt-origin': '7', 'x-original-offset': '7', 'verdikt-error': 'status 503' };
  const said = { id: idOf(key, 0), 'verdikt-attempts': '5', 'verdikt-reason': 'http-5xx' };
  tally.take('dead-letters', record(key, '', { ...origin, ...said, ...headers }));
};
const laws = (): string[] => tally.findings().map((f) => f.law);
const all = (): void => {
  for (const [key, counter] of [
    [0, 0],
    [1, 0],
    [0, 1],
    [0, 2],
  ])
    verdict(key, counter);
  letter(2);
};

test('words that all end once, in order, as they should', () => {
  all();
  expect(laws()).toEqual([]);
  expect([tally.written, tally.ended, tally.results, tally.deadLetters]).toEqual([5, 5, 4, 1]);
});

describe('what is wrong', () => {
  test('words that never end, the last ones of a key and those between', () => {
    verdict(0, 0);
    verdict(0, 2);
    letter(2);
    const [finding] = tally.findings();
    expect(finding).toEqual({ law: 'no-loss', detail: '2 words never ended: 1 of key-0, 1 of key-1' });
  });

  test('one that ends twice counts once', () => {
    all();
    verdict(0, 1);
    expect([laws(), tally.ended]).toEqual([['no-duplicate'], 5]);
  });

  test('one that comes after a later one of its key, and then twice', () => {
    verdict(0, 1);
    verdict(0, 0);
    verdict(0, 0);
    verdict(0, 2);
    verdict(1, 0);
    letter(2);
    expect([laws(), tally.ended]).toEqual([['order', 'no-duplicate'], 5]);
  });

  test.each([
    ['an answer', { accepted: false }],
    ['attempts', { attempts: 2 }],
  ])('%s', (_, more) => {
    all();
    tally.sent(0);
    verdict(0, 3, more);
    expect(laws()).toEqual(['correct']);
  });

  test('a verdict of what should be a dead letter', () => {
    all();
    tally.sent(2);
    verdict(2, 1);
    expect(laws()).toEqual(['correct']);
  });

  test('a verdict under the key of another one, and one that is no JSON', () => {
    all();
    tally.sent(0);
    const value = JSON.stringify({ id: idOf(0, 3), accepted: true, attempts: 1 });
    tally.take('results', record(1, value));
    tally.take('results', record(1, '{'));
    expect(laws()).toEqual(['correct', 'correct']);
  });

  test.each([idOf(0, 3), idOf(3, 0), 'x', ''])('the end of %j, which was never sent', (id) => {
    all();
    tally.take('results', record(0, JSON.stringify({ id, accepted: true, attempts: 1 })));
    expect([laws(), tally.ended]).toEqual([['no-phantom'], 5]);
  });

  test('a dead letter that does not tell why, or another reason', () => {
    all();
    tally.sent(2);
    letter(2, { id: idOf(2, 1), 'x-original-offset': '8', 'verdikt-reason': 'other' });
    expect(laws()).toEqual(['complete-dead-letters', 'correct']);
  });

  test('few of many are kept, the others are counted', () => {
    all();
    for (let i = 0; i < 30; i++) verdict(0, 0);
    expect(tally.findings()).toHaveLength(21);
    expect(tally.findings().at(-1)?.detail).toBe('and 10 more');
  });
});

test('it tells ends per second, the longest pause, and when it went on after a repair', () => {
  verdict(0, 0, {}, 100);
  verdict(0, 1, {}, 200);
  expect(tally.progressAfterHeal()).toBeUndefined();
  tally.healed(STARTED + 1_500);
  verdict(1, 0, {}, 2_700);
  verdict(0, 2, {}, 2_900);
  expect(tally.perSecond).toEqual([2, 0, 2]);
  expect(tally.stalls()).toEqual([{ partition: 0, at: 200, ms: 2_500 }]);
  expect(tally.progressAfterHeal()).toBe(1_200);
});
