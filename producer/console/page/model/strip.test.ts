import { expect, test } from '@jest/globals';
import { ageOf, stripOf } from './strip.ts';
import type { Summary } from './types.ts';

const NOW = 1_000_000;
const quiet = Array.from({ length: 60 }, () => 0);
const summary = (more: Partial<Summary> = {}): Summary => ({
  ...{ now: NOW, asOf: NOW - 300, words: 5, untaken: { words: 0 }, dueLagMs: 0 },
  lanes: { queued: 2, retrying: 1, parked: 0, redriven: 0 },
  minute: {
    accepted: quiet,
    verdicts: [...quiet.slice(10), ...Array.from({ length: 10 }, () => 25)],
    deadLetters: quiet,
  },
  ...more,
});
const strip = (more: Partial<Summary> = {}, failure?: string, later = 0) =>
  stripOf({ summary: summary(more), at: 50, failure }, 50 + later);
const valueOf = (s: ReturnType<typeof strip>, name: string) => s.figures.find((f) => f.name === name)?.value;

test('all is well: figures, and not a word beside them', () => {
  const s = strip({ minute: { ...summary().minute, endToEnd: { p50Ms: 12, p99Ms: 1_430 } } });
  expect([
    valueOf(s, 'Verdicts'),
    valueOf(s, 'Half within'),
    valueOf(s, '99 % within'),
    valueOf(s, 'In lanes'),
  ]).toEqual([...['25/s', '12 ms', '1.4 s', '3']]);
  expect([s.problems, s.stale, s.figures.filter((f) => f.wrong)]).toEqual([[], false, []]);
});

test.each<[string, Partial<Summary>, string, string]>([
  [
    'words that nobody takes',
    { untaken: { words: 3, oldestAt: NOW - 12_000 } },
    'No processor takes 3 words: the oldest has waited for 12 s.',
    'Not taken',
  ],
  [
    'a retry that nobody runs',
    { dueLagMs: 30_000 },
    'A retry has been due for 30 s, and nobody runs it.',
    'Due lag',
  ],
  [
    'parked keys',
    { lanes: { ...summary().lanes, parked: 1 } },
    '1 key parked: an operator has to redrive or skip.',
    'Parked keys',
  ],
  [
    'dead letters',
    { minute: { ...summary().minute, deadLetters: [...quiet.slice(1), 2] } },
    '2 dead letters in the last minute.',
    'Dead letters',
  ],
])('%s are said, and marked', (_, more, text, name) => {
  const s = strip(more);
  expect(s.problems).toEqual([text]);
  expect(s.figures.filter((f) => f.wrong).map((f) => f.name)).toEqual([name]);
});

test('a moment is no trouble: words on their way, a retry just due', () => {
  expect(strip({ untaken: { words: 3, oldestAt: NOW - 1_000 }, dueLagMs: 900 }).problems).toEqual([]);
});

test('a view that is behind is stale, and so are figures that came long ago', () => {
  expect(strip({ asOf: NOW - 20_000 })).toMatchObject({
    stale: true,
    problems: [expect.stringContaining('20 s old')],
  });
  expect(strip({}, undefined, 30_000)).toMatchObject({
    stale: true,
    problems: [expect.stringContaining('30 s old')],
  });
  // The clock of this machine may be another: only spans are compared.
  expect(ageOf({ summary: summary(), at: 5 }, 5)).toBe(300);
});

test('an edge that does not answer is said, with the figures that were known', () => {
  const s = strip({}, 'The edge does not answer.');
  expect([s.stale, s.problems, s.figures.length]).toEqual([true, ['The edge does not answer.'], 9]);
  expect(stripOf({ summary: undefined, at: 0, failure: 'no' }, 1)).toEqual({
    figures: [],
    problems: ['no'],
    stale: false,
  });
});
