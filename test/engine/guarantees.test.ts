import { describe, expect, test } from '@jest/globals';
import type { Header } from '@verdikt/core/record/record.ts';
import type { Accepted, DeadLetter, Fact, Law } from './facts.ts';
import { createGuarantees } from './guarantees.ts';

const KEYS = ['a', 'b', null];
const DEAD = new Set([3, 7, 9, 11]);
const why = (origin: number): readonly Header[] =>
  Object.entries({
    'x-original-topic': 'words',
    'x-original-partition': '0',
    'x-original-offset': String(origin),
    'verdikt-origin': String(origin),
    'verdikt-kind': 'reject',
    'verdikt-attempts': '1',
    'verdikt-reason': 'bad',
    'verdikt-stage': 's',
    'verdikt-disposition': 'final',
  });

/** 12 submissions of 3 keys; four become dead letters; seen by two readers; one has no answer and is not there. */
const history = (): Fact[] => {
  const facts: Fact[] = [];
  const sent: Accepted[] = Array.from({ length: 12 }, (_, i) => {
    const key = KEYS[i % 3];
    const headers: Header[] = [
      ['id', `s${i}`],
      ['trace', 't1'],
      ['trace', 't2'],
    ];
    const record = { key, value: `word ${i}`, headers };
    return {
      id: `s${i}`,
      key,
      counter: Math.floor(i / 3),
      origin: i * 2,
      partition: 0,
      word: String(i),
      record,
    };
  });
  for (const s of sent) facts.push({ kind: 'accepted', ...s });
  facts.push({ kind: 'accepted', id: 'lost', key: 'a', counter: 4, ack: 'unknown' });
  facts.push({ kind: 'refused', id: 'no' });
  facts.push({ kind: 'census', inFlight: 12 });
  const offsets = { result: 0, 'dead-letter': 0 };
  for (const [i, s] of sent.entries()) {
    const kind = DEAD.has(i) ? 'dead-letter' : 'result';
    const seen = {
      id: s.id,
      key: s.key,
      origin: i * 2,
      partition: 0,
      offset: offsets[kind]++,
      at: i,
      attempts: 1,
    } as const;
    if (kind === 'result') facts.push({ kind, ...seen, answer: `yes ${i}` });
    else {
      const { headers = [] } = s.record ?? {};
      const record = { key: s.key, value: `word ${i}`, headers: [...headers, ...why(i * 2)] };
      facts.push({ kind, ...seen, reason: 'bad', disposition: 'final', record });
    }
    if (i === 5) facts.push({ kind: 'census', inFlight: 6 });
  }
  const seen = facts.filter((f) => f.kind === 'result' || f.kind === 'dead-letter');
  for (const f of seen.slice(0, 7)) facts.push({ ...f, reader: 'second' });
  return facts;
};

const oracle = (
  s: Accepted,
): { kind: 'result'; answer: string; attempts: number } | { kind: 'dead-letter'; reason: string } =>
  DEAD.has(Number(s.word))
    ? { kind: 'dead-letter', reason: 'bad' }
    : { kind: 'result', answer: `yes ${s.word}`, attempts: 1 };

const violated = (facts: readonly Fact[], except: readonly Law[] = [], drained = true): Law[] => {
  const g = createGuarantees({ oracle, except });
  for (const f of facts) {
    if (f.kind === 'accepted') g.accepted(f);
    else if (f.kind === 'refused') g.refused(f.id);
    else if (f.kind === 'result') g.result(f);
    else if (f.kind === 'dead-letter') g.deadLetter(f);
    else if (f.kind === 'census') g.census(f.inFlight);
    else g.moved(f.id, f.redrive);
  }
  return [...new Set(g.check(drained).map((v) => v.law))];
};

const isEnd = (f: Fact, id: string): f is Extract<Fact, { kind: 'result' | 'dead-letter' }> =>
  (f.kind === 'result' || f.kind === 'dead-letter') && f.id === id && f.reader === undefined;
const at = (facts: Fact[], id: string): number => facts.findIndex((f) => isEnd(f, id));
const change = (facts: Fact[], id: string, by: object): Fact[] =>
  facts.map((f) => (isEnd(f, id) ? { ...f, ...by } : f));
const remove = (facts: Fact[], id: string): Fact[] =>
  facts.filter((f) => !('id' in f) || f.id !== id || f.kind === 'accepted');
const swap = (facts: Fact[], a: string, b: string): Fact[] => {
  const [i, j] = [at(facts, a), at(facts, b)];
  const out = [...facts];
  [out[i], out[j]] = [facts[j], facts[i]];
  return out;
};
const letter = (facts: Fact[], by: (headers: readonly Header[]) => readonly Header[]): Fact[] => {
  const { record } = facts[at(facts, 's3')] as DeadLetter;
  if (record === undefined) throw new Error('no record');
  return change(facts, 's3', { record: { ...record, headers: by(record.headers) } });
};
const end = { key: 'a', answer: 'yes' } as const;

test('a history without fault has no violation', () => {
  expect(violated(history())).toEqual([]);
});

// Each defect, and the laws that must notice it.
const defects: readonly (readonly [string, readonly Law[], (f: Fact[]) => Fact[]])[] = [
  ['the last record of a key is lost', ['no-loss', 'conservation'], (f) => remove(f, 's10')],
  ['a record in the middle is lost', ['no-loss', 'no-gap', 'conservation'], (f) => remove(f, 's4')],
  ['a dead letter is lost', ['no-loss', 'no-gap', 'conservation'], (f) => remove(f, 's3')],
  ['a record without key is lost', ['no-loss', 'conservation'], (f) => remove(f, 's5')],
  ['a verdict appears twice', ['no-duplicate'], (f) => [...f, { ...f[at(f, 's10')], offset: 99 } as Fact]],
  [
    'a dead letter has a verdict too',
    ['no-duplicate', 'correct', 'order'],
    (f) => [
      ...f,
      { kind: 'result', id: 's7', ...end, key: 'b', at: 99, offset: 99, answer: 'yes 7', attempts: 1 },
    ],
  ],
  ['two verdicts of a key change places', ['order', 'readers-agree'], (f) => swap(f, 's0', 's6')],
  ['two dead letters of a key change places', ['order', 'readers-agree'], (f) => swap(f, 's3', 's9')],
  ['a verdict overtakes a dead letter of its key', ['order'], (f) => change(f, 's6', { at: 2.5 })],
  ['the origin falls back', ['order', 'no-phantom'], (f) => change(f, 's6', { origin: -1 })],
  ['a wrong answer', ['correct'], (f) => change(f, 's1', { answer: 'no' })],
  ['a dead letter for another reason', ['correct'], (f) => change(f, 's3', { reason: 'worse' })],
  ['a wrong count of attempts', ['correct'], (f) => change(f, 's1', { attempts: 2 })],
  ['a verdict for what nobody sent', ['no-phantom'], (f) => [...f, { kind: 'result', id: 'x', ...end }]],
  ['a verdict for what was refused', ['no-phantom'], (f) => [...f, { kind: 'result', id: 'no', ...end }]],
  ['a verdict under another key', ['no-phantom'], (f) => change(f, 's1', { key: 'z' })],
  ['a verdict in another partition', ['no-phantom'], (f) => change(f, 's11', { partition: 1 })],
  ['a verdict from another place', ['no-phantom'], (f) => change(f, 's10', { origin: 21 })],
  [
    'another reader saw another record',
    ['readers-agree'],
    (f) =>
      f.map((x) =>
        x.kind === 'result' && x.reader !== undefined && x.id === 's4' ? { ...x, offset: 77 } : x,
      ),
  ],
  [
    'another reader saw what was not there',
    ['readers-agree'],
    (f) => [...f, { kind: 'result', id: 'ghost', ...end, reader: 'second' }],
  ],
  [
    'nothing is in flight too early',
    ['conservation'],
    (f) => f.map((x) => (x.kind === 'census' && x.inFlight === 6 ? { ...x, inFlight: 5 } : x)),
  ],
  [
    'more is in flight than was sent',
    ['conservation'],
    (f) => f.map((x) => (x.kind === 'census' && x.inFlight === 6 ? { ...x, inFlight: 8 } : x)),
  ],
  [
    'a dead letter lost its reason',
    ['complete-dead-letters'],
    (f) => letter(f, (h) => h.filter(([n]) => n !== 'verdikt-reason')),
  ],
  [
    'a dead letter lost a header of its record',
    ['complete-dead-letters'],
    (f) => letter(f, (h) => h.filter(([, v]) => v !== 't2')),
  ],
  [
    'a dead letter has headers in another order',
    ['complete-dead-letters'],
    (f) => letter(f, (h) => [h[0], h[2], h[1], ...h.slice(3)]),
  ],
  [
    'a dead letter lost its value',
    ['complete-dead-letters'],
    (f) => change(f, 's3', { record: { ...(f[at(f, 's3')] as DeadLetter).record, value: null } }),
  ],
  [
    'a dead letter lost its key',
    ['complete-dead-letters'],
    (f) => change(f, 's3', { record: { ...(f[at(f, 's3')] as DeadLetter).record, key: null } }),
  ],
  [
    'a parked copy stands for an end',
    ['no-loss', 'no-gap', 'conservation'],
    (f) => change(f, 's3', { disposition: 'parked' }),
  ],
];

describe('each planted defect is noticed by its laws and by no other', () => {
  test.each(defects)('%s', (_, laws, plant) => {
    expect(violated(plant(history())).sort()).toEqual([...laws].sort());
  });
});

test('what has no answer may be there once, but not twice', () => {
  const lost = (offset: number): Fact => ({
    kind: 'result',
    id: 'lost',
    key: 'a',
    at: 50,
    offset,
    answer: 'yes undefined',
    attempts: 1,
  });
  expect(violated([...history(), lost(50)])).toEqual([]);
  expect(violated([...history(), lost(50), lost(51)])).toEqual(['no-duplicate']);
});

test('a repeated send is one submission, and certain once one of them is', () => {
  const again: Fact = { kind: 'accepted', id: 'lost', key: 'a', counter: 4 };
  expect(violated([...history(), again])).toEqual(['no-loss', 'conservation']);
});

test('before all is drained only what can no longer be put right is a violation', () => {
  const half = history().slice(0, 19);
  expect(violated(half)).toEqual(['no-loss', 'conservation']);
  expect(violated(half, [], false)).toEqual([]);
  expect(violated(remove(half, 's0'), [], false)).toEqual(['no-gap']);
});

test('a redriven record ends once more under its count, after all that was decided before it', () => {
  const again: Fact[] = [
    ...history(),
    { kind: 'accepted', id: 's3', key: 'a', counter: 1, redrive: 1 },
    { kind: 'result', id: 's3', key: 'a', redrive: 1, at: 99, answer: 'yes' },
  ];
  expect(violated(again, ['correct'])).toEqual([]);
  expect(violated(again.slice(0, -1), ['correct'])).toEqual(['no-loss', 'conservation']);
});

test('a scenario may give up a law by name', () => {
  expect(violated(swap(history(), 's0', 's6'), ['order'])).toEqual(['readers-agree']);
});
