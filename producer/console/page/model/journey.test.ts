import { expect, test } from '@jest/globals';
import { asOf, journeyOf } from './journey.ts';
import type { Step, Word } from './types.ts';

const step = (what: Step['what'], at: number, more: Partial<Step> = {}): Step => ({
  what,
  at,
  redrive: 0,
  ...more,
});
const word = (state: Word['state'], receipt: Step[]): Word => ({
  ...{ id: 'a', state, reason: 'why', submittedAt: 100, receipt, attempts: [] },
});
const segments = (w: Word, now = 10_000) =>
  journeyOf(w, now).segments.map(
    (s) => `${s.kind}${s.attempt ?? ''}${s.outcome ? ` ${s.outcome}` : ''} ${s.from}-${s.to}`,
  );

const failedTwice = [
  step('accepted', 105),
  step('retrying', 200, { attempt: 2, dueAt: 700 }),
  step('retrying', 760, { attempt: 3, dueAt: 1_500 }),
  step('verdict', 1_520, { attempt: 3 }),
];

test('attempts, and the idle time between them', () => {
  const w = word('verdict', failedTwice);
  expect(segments(w)).toEqual([
    ...[
      'attempt1 failed 105-200',
      'due 200-700',
      'attempt2 failed 700-760',
      'due 760-1500',
      'attempt3 passed 1500-1520',
    ],
  ]);
  expect(journeyOf(w, 10_000)).toMatchObject({ from: 100, to: 1_520 });
});

test('before its next attempt is due it is idle, then it runs', () => {
  const w = word('retrying', failedTwice.slice(0, 2));
  expect(segments(w, 400)).toEqual(['attempt1 failed 105-200', 'due 200-700']);
  expect(journeyOf(w, 400).to).toBe(700);
  expect(segments(w, 900).at(-1)).toBe('attempt running 700-900');
});

test('behind others of its key: nobody knows when its turn came, so only the end of its attempt is drawn', () => {
  const receipt = [step('accepted', 105), step('queued', 130), step('verdict', 900, { attempt: 1 })];
  expect(segments(word('verdict', receipt))).toEqual([
    'way 105-130',
    'lane 130-900',
    'attempt1 passed 900-900',
  ]);
  expect(segments(word('queued', receipt.slice(0, 2)), 500)).toEqual(['way 105-130', 'lane 130-500']);
});

test('parked, told by its entry and its dead letter, then redriven', () => {
  const receipt = [
    step('accepted', 105),
    step('parked', 300, { attempt: 1 }),
    step('parked', 300, { attempt: 1 }),
    step('redriven', 5_000),
    step('verdict', 5_100, { attempt: 1, redrive: 1 }),
  ];
  expect(segments(word('verdict', receipt))).toEqual([
    ...['attempt1 given-up 105-300', 'parked 300-5000', 'attempt1 passed 5000-5100'],
  ]);
  expect(segments(word('parked', receipt.slice(0, 3)), 2_000).at(-1)).toBe('parked 300-2000');
});

test('an attempt that waits for a service as a whole has not run', () => {
  const receipt = [
    step('accepted', 105),
    step('retrying', 200, { attempt: 1, dueAt: 900, reason: 'circuit' }),
  ];
  expect(segments(word('retrying', receipt), 300)).toEqual(['due 105-900']);
});

test('no processor has come to it: all of its time is on its way', () => {
  expect(segments(word('accepted', [step('accepted', 105)]), 300)).toEqual(['way 105-300']);
});

test('as of an earlier time, what came later is not known', () => {
  const w: Word = {
    ...word('verdict', failedTwice),
    verdict: {
      ...{ id: 'a', word: 'w', accepted: true, attempts: 3, checks: [] },
      ...{ submittedAt: 1, judgedAt: 2, origin: 0 },
    },
  };
  const then = asOf(w, 500);
  expect([then.state, then.verdict, then.receipt?.length]).toEqual(['retrying', undefined, 2]);
  expect(segments(then, 500)).toEqual(['attempt1 failed 105-200', 'due 200-700']);
  expect(asOf(w, 100).state).toBe('accepted');
  expect(asOf(w, 2_000)).toBe(w);
});
