import { expect, test } from '@jest/globals';
import { judgeEvidence, type Evidence } from './laws.ts';
import type { Seen } from './observer.ts';

const sent = [0, 1, 2, 3].map((n) => ({
  id: `i${n}`,
  key: n < 3 ? 'a' : 'b',
  counter: n < 3 ? n : 0,
  word: `w${n}`,
}));

const result = (n: number, offset: number, timestamp = 1_000 + offset): Seen => ({
  topic: 'results',
  record: {
    ...{ timestamp, partition: 0, offset, key: sent[n].key, headers: new Map([['verdikt-origin', `${n}`]]) },
    value: JSON.stringify({ id: `i${n}`, accepted: true, attempts: 1 }),
  },
});
const letter = (
  n: number,
  offset: number,
  timestamp: number,
  headers: Record<string, string> = {},
): Seen => ({
  topic: 'dead-letters',
  record: {
    ...{ timestamp, partition: 0, offset, key: sent[n].key, value: '' },
    headers: new Map(
      Object.entries({
        ...{ id: `i${n}`, 'verdikt-origin': `${n}`, 'x-original-offset': `${n}`, 'verdikt-attempts': '5' },
        ...{ 'verdikt-reason': 'http-5xx', 'verdikt-error': 'status 503', 'x-original-topic': 'words' },
        ...{ 'x-original-partition': '0', 'x-original-timestamp': '1', 'verdikt-stage': 'http', ...headers },
      }),
    ),
  },
});
const good = [result(0, 0), result(1, 1), result(2, 2), result(3, 3)];
const laws = (seen: readonly Seen[], more: Partial<Evidence> = {}): string[] => {
  const evidence: Evidence = {
    ...{ sent, seen, witnessed: seen },
    expected: (word) =>
      seen.some((s) => s.topic === 'dead-letters' && s.record.headers.get('id') === word.replace('w', 'i'))
        ? { kind: 'dead-letter', reason: 'http-5xx', attempts: 5 }
        : { kind: 'result', answer: 'true', attempts: 1 },
    ...more,
  };
  return [...new Set(judgeEvidence(evidence).map((f) => f.law))].sort();
};

test('a history without fault passes, with a dead letter too', () => {
  expect(laws(good)).toEqual([]);
  expect(laws([good[0], letter(1, 0, 1_005), result(2, 1, 1_010), result(3, 2)])).toEqual([]);
});

test('origins of a source that was judged later lie behind, and a log that was created again is another one', () => {
  const later: Seen[] = [
    { ...result(0, 5), source: 0, log: 'a' },
    { ...result(1, 0, 2_000), source: 1, log: 'b' },
    { ...result(2, 1, 2_001), source: 1, log: 'b' },
    { ...result(3, 2), source: 0, log: 'a' },
  ].map((s, i) => ({
    ...s,
    record: { ...s.record, headers: new Map([['verdikt-origin', ['7', '0', '1', '8'][i]]]) },
  }));
  expect(laws(later)).toEqual([]);
  expect(laws(later.map((s) => ({ ...s, source: 0 })))).toEqual(['order']);
});

test('a word that a cell has deleted may end or not, but never twice', () => {
  const maybe = sent.map((s, i) => (i === 1 ? { ...s, ack: 'unknown' as const } : s));
  expect(laws(good, { sent: maybe })).toEqual([]);
  expect(laws([good[0], good[2], good[3]], { sent: maybe })).toEqual([]);
  expect(laws([...good, result(1, 4)], { sent: maybe })).toEqual(['no-duplicate', 'order']);
});

test.each<[string, string, () => string[]]>([
  ['a word without an end', 'no-loss', () => laws(good.slice(0, 3))],
  ['a word with two', 'no-duplicate', () => laws([...good, result(3, 4)])],
  ['a key out of order', 'order', () => laws([result(1, 0), result(0, 1), result(2, 2), result(3, 3)])],
  ['a hole in a key', 'no-gap', () => laws([good[0], result(2, 1), result(3, 2)])],
  [
    'a verdict long before the dead letter of an older word',
    'order',
    () => laws([result(0, 0), result(2, 1, 1_100), result(3, 2), letter(1, 0, 2_200)]),
  ],
  ['a wrong verdict', 'correct', () => laws(good, { expected: () => ({ kind: 'result', answer: 'false' }) })],
  [
    'a verdict of nobody',
    'no-phantom',
    () =>
      laws([
        ...good,
        {
          ...good[0],
          record: { ...good[0].record, offset: 9, value: '{"id":"x","accepted":true,"attempts":1}' },
        },
      ]),
  ],
  [
    'a verdict that is no JSON',
    'correct',
    () => laws([...good, { ...good[0], record: { ...good[0].record, value: '{' } }]),
  ],
  [
    'a dead letter that does not tell its origin',
    'complete-dead-letters',
    () =>
      laws([good[0], letter(1, 0, 1_005, { 'x-original-offset': '9' }), result(2, 1, 1_010), result(3, 2)]),
  ],
  ['readers that saw different things', 'readers-agree', () => laws(good, { witnessed: [good[1], good[0]] })],
  [
    'a live reader that saw what is not there',
    'readers-agree',
    () => laws(good, { witnessed: [...good, result(3, 4)] }),
  ],
])('%s breaks the law %s', (_, law, found) => {
  expect(found()).toContain(law);
});
