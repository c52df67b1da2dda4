import { expect, test } from '@jest/globals';
import { added, EMPTY, KEPT, matches, paused, resumed } from './tail.ts';
import type { ResultEvent } from './types.ts';

const event = (offset: number, more: Partial<ResultEvent> = {}): ResultEvent => ({
  ...{ partition: 0, offset, id: `id-${offset}`, key: `k${offset}` },
  verdict: {
    ...{ id: `id-${offset}`, word: `Word${offset}`, accepted: offset % 2 === 0, attempts: 1, checks: [] },
    ...{ submittedAt: 1, judgedAt: 2, origin: offset },
  },
  ...more,
});
const offsets = (events: readonly ResultEvent[]): number[] => events.map((e) => e.offset);

test('the newest are first, and no more are kept than that', () => {
  let t = EMPTY;
  for (let i = 0; i < KEPT + 300; i += 100)
    t = added(
      t,
      Array.from({ length: 100 }, (_, n) => event(i + n)),
    );
  expect([t.shown.length, t.shown[0].offset, t.shown.at(-1)?.offset, t.seen]).toEqual([
    KEPT,
    KEPT + 299,
    300,
    KEPT + 300,
  ]);
});

test('paused, it stands still and counts; resumed, nothing is missing', () => {
  const t = added(paused(added(EMPTY, [event(1)])), [event(2), event(3)]);
  expect([offsets(t.shown), offsets(t.waiting)]).toEqual([[1], [3, 2]]);
  expect(offsets(resumed(t).shown)).toEqual([3, 2, 1]);
  expect(resumed(t).waiting).toEqual([]);
});

test('what is told again after a break is not shown twice', () => {
  const t = added(added(EMPTY, [event(1), event(2)]), [event(2), event(3)]);
  expect([offsets(t.shown), t.seen]).toEqual([[3, 2, 1], 3]);
});

test('filters by part of word, key and id, and by verdict', () => {
  const all = [1, 2, 12].map((n) => event(n));
  const found = (text: string, verdict: 'all' | 'accepted' | 'refused' = 'all') =>
    offsets(all.filter((e) => matches({ text, verdict }, e)));
  expect([
    found(''),
    found('word1'),
    found('K2'),
    found('id-12'),
    found('', 'refused'),
    found('1', 'accepted'),
  ]).toEqual([...[[1, 2, 12], [1, 12], [2], [12], [1], [12]]]);
  expect(matches({ text: '', verdict: 'accepted' }, event(1, { verdict: null }))).toBe(false);
});
