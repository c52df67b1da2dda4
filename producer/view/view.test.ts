import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { later, lifeOf, SEES_ALL, writeWhole } from '@verdikt/test/support/producer/view-store-suite.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { grow, type Life } from './life.ts';
import type { Answer, Page, Question, ResultEvent, ResultFilter } from './question.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { ViewStore } from './store.ts';
import { ROLES } from './freshness.ts';
import { createView, type View } from './view.ts';

const PARTITIONS = 2;
let clock: ManualClock;
let store: ViewStore;
let view: View;
let told: ResultEvent[];

const BASE = { topics: topicNames('', 'g'), partitions: PARTITIONS, later };
const open = (maxWaiters = 10): void => {
  view = createView({
    ...{ ...BASE, store, clock, maxWaiters, appendMs: 5_000 },
    ...{ bounds: { windowMs: 60_000, maxRows: 1e5, maxBytes: 1e9 }, live: (all) => void told.push(...all) },
  });
  for (const role of ROLES) for (let p = 0; p < PARTITIONS; p++) view.begin(role, p, 0);
};

beforeEach(() => {
  clock = manualClock();
  told = [];
  store = openSqliteStore(':memory:');
  store.reset('s');
  open();
});
afterEach(() => store.close());

/** Each record alone, as if no two came together. */
const feed = (placed: readonly Placed[], partition = 0, committed?: number): void => {
  for (const p of placed) {
    const { offset, timestamp } = p.record;
    const changes = changesOf([p], partition);
    view.apply({ role: p.role, partition, changes, next: offset + 1, lastAt: timestamp, committed });
  }
};
const fresh = (at = clock.now()): void => {
  for (const role of ROLES) for (let p = 0; p < PARTITIONS; p++) view.heard(role, p, { lag: 0, seenAt: at });
};
const bodyOf = (a: Answer): Record<string, unknown> => {
  if (a.is !== 'word' && a.is !== 'key') throw new Error(`it is ${a.is}`);
  return JSON.parse(a.body) as Record<string, unknown>;
};
const word = async (id: string, more: Partial<Question> = {}): Promise<Answer> =>
  view.ask({ ask: 'word', id, viewer: SEES_ALL, ...more } as Question);
const page = async (from?: readonly number[], more: Partial<ResultFilter> = {}): Promise<Page> => {
  const p = await view.ask({ ask: 'page', from, filter: { viewer: SEES_ALL, ...more } });
  if (p.is !== 'page') throw new Error(`it is ${p.is}`);
  return p;
};

describe('one word', () => {
  test('waits behind the head of its key, and says why', async () => {
    const j = createJourney();
    const [a, b, c] = [j.word('a'), j.word('b'), j.word('c')];
    j.entry(a, { attempt: 3, dueAt: clock.now() + 12_000, firstFailedAt: 1, reason: 'http_503' });
    j.entry(b);
    j.entry(c);
    feed(j.written);
    expect(bodyOf(await word('c'))).toMatchObject({
      state: 'queued',
      reason: 'waits behind a, attempt 3 due in 12 s: http_503; 2 ahead',
      behind: { id: 'a', ahead: 2 },
    });
    expect(bodyOf(await word('a'))).toMatchObject({ reason: 'attempt 3 due in 12 s: http_503' });
  });

  test('a copy that was dropped is told as the one that was judged, whichever place is asked for', async () => {
    const j = createJourney();
    const a = j.word('a');
    j.word('a');
    j.verdict(a);
    feed(j.written);
    const at = { partition: 0, offset: 1 };
    expect(bodyOf(await word('a', { at }))).toMatchObject({ state: 'verdict', origin: 0, ends: 1 });
  });

  test('read by a processor, and nothing came of it: unknown, once all outputs were read', async () => {
    const j = createJourney();
    j.word('a');
    feed(j.written, 0, 1);
    expect(bodyOf(await word('a')).state).toBe('accepted');
    fresh();
    expect(bodyOf(await word('a')).state).toBe('unknown');
  });

  test('never accepted, not seen yet and behind are told apart by what was read', async () => {
    const j = createJourney();
    j.word('a');
    const unread = word('b');
    clock.advance(1_000);
    expect((await unread).is).toBe('behind');
    feed(j.written);
    const at = (offset: number, partition = 0) => ({ at: { partition, offset } });
    expect(await word('b', at(1))).toMatchObject({ is: 'not-seen' });
    expect(await word('b', at(0))).toMatchObject({ is: 'absent', past: false });
    fresh();
    expect((await word('b')).is).toBe('absent');
    clock.advance(200);
    // It may have been accepted since: the answer waits for the view to come to now.
    const soon = word('b');
    fresh();
    view.looked();
    expect((await soon).is).toBe('absent');
    const v7 = (ms: number): string => {
      const hex = ms.toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
    };
    const onItsWay = word(v7(clock.now() - 3_000));
    clock.advance(1_000);
    expect((await onItsWay).is).toBe('behind');
    fresh();
    expect((await word(v7(clock.now() - 5_000))).is).toBe('absent');
  });
});

describe('those who wait', () => {
  test('are told of the outcome when it comes, or of what there is when their time is over', async () => {
    const j = createJourney();
    const a = j.word('a');
    const early = word('a', { wait: { ms: 1_000 } });
    feed(j.written);
    const late = word('a', { wait: { ms: 9_000 } });
    clock.advance(1_000);
    expect(await early).toMatchObject({ state: 'accepted', ended: false, waited: true });
    feed([j.entry(a, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' }), j.verdict(a, 2)]);
    expect(await late).toMatchObject({ state: 'verdict', ended: true });
    expect(clock.timers).toBe(0);
  });

  test('for another version are told of any change', async () => {
    const j = createJourney();
    const a = j.word('a');
    feed(j.written);
    const known = await word('a');
    const differs = known.is === 'word' ? known.version : '';
    const next = word('a', { wait: { ms: 9_000, differs } });
    feed([j.entry(a)]);
    expect(await next).toMatchObject({ state: 'queued', ended: false });
  });

  test('are bounded: one too many is answered at once and told so', async () => {
    open(1);
    const j = createJourney();
    feed([j.word('a')]);
    void word('a', { wait: { ms: 9_000 } });
    expect(await word('a', { wait: { ms: 9_000 } })).toMatchObject({ waited: false });
    clock.advance(9_000);
    void word('a', { wait: { ms: 1 } });
    expect(view.stats().waiters).toBe(1);
  });
});

test('before it knows where logs begin it gives no page, so that no gap goes unsaid', async () => {
  const unread = createView({
    ...{ ...BASE, store, clock, maxWaiters: 1, appendMs: 5_000 },
    ...{ bounds: { windowMs: 60_000, maxRows: 1_000, maxBytes: 1e9 }, live: () => undefined },
  });
  const ask = () => unread.ask({ ask: 'page', from: [50, 50], filter: { viewer: SEES_ALL } });
  expect((await ask()).is).toBe('behind');
  for (let p = 0; p < PARTITIONS; p++) unread.begin('results', p, 100);
  expect(await ask()).toMatchObject({ is: 'page', gaps: [{ from: 50, to: 100 }, { partition: 1 }] });
});

describe('verdicts in order', () => {
  const judged = (n: number): ReturnType<typeof createJourney> => {
    const j = createJourney();
    for (let i = 0; i < n; i++) {
      const w = j.word(`id-${i}`, `k${i % 2}`);
      j.verdict(w, 1, i % 3 === 0);
    }
    return j;
  };

  test('live and by pages are the same', async () => {
    feed(judged(2_500).written);
    const read: ResultEvent[] = [];
    let from: readonly number[] = [0, 0];
    for (let p: Page | undefined; p?.end !== true;) {
      p = await page(from);
      read.push(...p.events);
      from = p.next;
    }
    expect(from).toEqual([2_500, 0]);
    expect(read).toEqual(told);
    expect(read.map((e) => e.offset)).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  });

  test('a filter leaves out, and the cursor goes on all the same', async () => {
    feed(judged(60).written);
    const p = await page([10, 0], { key: 'k0', accepted: true });
    expect(p.events.map((e) => e.offset)).toEqual([12, 18, 24, 30, 36, 42, 48, 54]);
    expect([p.next, p.end]).toEqual([[60, 0], true]);
    expect((await page(undefined)).next).toEqual([60, 0]);
  });

  test('what is not kept any more is said', async () => {
    const j = judged(20);
    feed(j.written);
    clock.advance(60_000 + 10 * 2_000 + 500);
    view.tick();
    const p = await page([2, 0]);
    expect(p.gaps).toEqual([{ partition: 0, from: 2, to: 10 }]);
    expect(p.events[0].offset).toBe(10);
    expect(await word('id-0', { at: { partition: 0, offset: 0 } })).toMatchObject({
      is: 'absent',
      past: true,
    });
  });
});

test('goes on where it was, and reads nothing into it twice', async () => {
  const j = createJourney();
  const a = j.word('a');
  feed([a, j.entry(a, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' })]);
  view.tick();
  // Not written yet when the thread dies.
  const rest = [j.verdict(a, 2)];
  feed(rest);
  open();
  expect(view.positions().find((p) => p.role === 'results' && p.partition === 0)?.offset).toBe(0);
  expect(bodyOf(await word('a')).state).toBe('retrying');
  feed(rest);
  expect(bodyOf(await word('a'))).toMatchObject({ state: 'verdict', ends: 1 });
  expect((await page([0, 0])).events).toHaveLength(1);
});

test('what is older than the view is looked for in Kafka, by place alone', async () => {
  const j = createJourney();
  const life = grow(undefined, changesOf([j.word('old')])[0]);
  const sought: string[] = [];
  let found: Life | 'busy' | undefined = life;
  view = createView({
    ...{ ...BASE, store, clock, maxWaiters: 1, appendMs: 5_000 },
    bounds: { windowMs: 60_000, maxRows: 1_000, maxBytes: 1e9 },
    live: () => undefined,
    seek: (id) => {
      sought.push(id);
      return Promise.resolve(found);
    },
  });
  for (const role of ROLES) for (let p = 0; p < PARTITIONS; p++) view.begin(role, p, 5);
  const at = { partition: 0, offset: 0 };
  // Nothing says what became of it, and a processor must have come to it long ago.
  expect(bodyOf(await word('old', { at }))).toMatchObject({ id: 'old', state: 'unknown' });
  found = 'busy';
  expect((await word('old', { at })).is).toBe('behind');
  found = undefined;
  expect((await word('old', { at })).is).toBe('absent');
  expect(sought).toHaveLength(3);
  fresh();
  expect((await word('old')).is).toBe('absent');
  expect((await word('new', { at: { partition: 0, offset: 5 } })).is).toBe('not-seen');
  expect(sought).toHaveLength(3);
});

test('lets go as fast as words come', async () => {
  const lives = Array.from({ length: 7_000 }, (_, i) => lifeOf(i));
  const position = { role: 'words', partition: 0, offset: 7_000, from: 0, committed: -1, since: 0 } as const;
  writeWhole(store, { lives, ends: [], positions: [position] });
  view.tick();
  expect(view.stats().rows).toBe(0);
});

test('a key: the newest first, page by page', async () => {
  const j = createJourney();
  const words = ['a', 'b', 'c'].map((id) => j.word(id));
  j.verdict(words[0], 1, false);
  j.word('x', 'other');
  feed(j.written);
  expect((await view.ask({ ask: 'key', key: 'k', viewer: SEES_ALL, limit: 2 })).is).toBe('behind');
  fresh();
  const ask = async (below?: number) =>
    bodyOf(await view.ask({ ask: 'key', key: 'k', viewer: SEES_ALL, below, limit: 2 }));
  const first = await ask();
  expect(first.words).toMatchObject([{ id: 'c' }, { id: 'b' }]);
  const second = await ask(first.next as number);
  expect(second).toMatchObject({ words: [{ id: 'a', state: 'verdict', accepted: false }] });
  expect(second.next).toBeUndefined();
});

test('a cut retry topic makes what was in lanes unknown, and later entries known again', async () => {
  const j = createJourney();
  const [a, b] = [j.word('a'), j.word('b')];
  j.entry(a, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
  j.entry(b);
  feed(j.written);
  view.cut('retry', 0, 7);
  expect(bodyOf(await word('a')).state).toBe('unknown');
  const p = view.positions().find((x) => x.role === 'retry' && x.partition === 0);
  expect(p).toMatchObject({ offset: 7, from: 7 });
});
