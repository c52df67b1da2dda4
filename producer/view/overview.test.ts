import { beforeEach, describe, expect, test } from '@jest/globals';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { SEES_ALL, clientOf, later } from '@verdikt/test/support/producer/viewers.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { ROLES } from './freshness.ts';
import type { Question } from './question.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { ViewStore } from './store.ts';
import { createView, type View } from './view.ts';

const PARTITIONS = 2;
/** Of the key of all words here. */
const PARTITION = partitionOf(Buffer.from('k'), PARTITIONS);
let clock: ManualClock;
let store: ViewStore;
let view: View;

const open = (): void => {
  view = createView({
    ...{
      store,
      topics: topicNames('', 'g'),
      partitions: PARTITIONS,
      clock,
      later,
      maxWaiters: 1,
      appendMs: 1,
    },
    bounds: { windowMs: 60_000, maxRows: 1e5, maxBytes: 1e9 },
    live: () => undefined,
  });
  for (const role of ROLES) for (let p = 0; p < PARTITIONS; p++) view.begin(role, p, 0);
};
beforeEach(() => {
  clock = manualClock();
  store = openSqliteStore(':memory:');
  store.reset('s');
  open();
});

const feed = (placed: readonly Placed[], committed?: number): void => {
  for (const p of placed) {
    const { offset, timestamp } = p.record;
    const portion = {
      role: p.role,
      partition: PARTITION,
      changes: changesOf([p], PARTITION),
      next: offset + 1,
    };
    view.apply({ ...portion, lastAt: timestamp, committed });
  }
};
const fresh = (): void => {
  for (const role of ROLES)
    for (let p = 0; p < PARTITIONS; p++) view.heard(role, p, { lag: 0, seenAt: clock.now() });
};
const ask = async (question: Question) => {
  const a = await view.ask(question);
  if (!('body' in a)) throw new Error(a.is);
  return JSON.parse(a.body) as {
    readonly words: number;
    readonly untaken: { readonly words: number; readonly oldestAt?: number };
    readonly lanes: Record<string, number>;
    readonly dueLagMs: number;
    readonly lane?: { readonly size: number; readonly first: readonly Record<string, unknown>[] };
  };
};
const summary = () => ask({ ask: 'summary' });

describe('a summary', () => {
  test('is none before all was read once', async () => {
    expect(await view.ask({ ask: 'summary' })).toEqual({ is: 'behind', asOf: -1 });
  });

  test('tells the words that no processor has come to, and how long the oldest waits', async () => {
    const j = createJourney();
    const a = j.word('a');
    j.verdict(a);
    j.word('b');
    j.word('c');
    feed(j.written, 1);
    fresh();
    const { untaken, words } = await summary();
    expect([words, untaken.words]).toEqual([3, 2]);
    // The journey takes a second for each record.
    expect(untaken.oldestAt).toBe(1_000_000 + 2_000);
  });

  test('a copy that was dropped at the end of the log waits for nobody', async () => {
    const j = createJourney();
    j.verdict(j.word('a'));
    j.word('a');
    feed(j.written, 1);
    fresh();
    expect((await summary()).untaken).toEqual({ words: 0 });
  });

  test('counts lanes and what is overdue, also after a restart', async () => {
    const j = createJourney();
    const [a, b, c] = [j.word('a'), j.word('b'), j.word('c')];
    j.entry(a, { attempt: 2, dueAt: clock.now() + 1_000, firstFailedAt: 1, reason: 'r' });
    j.entry(b);
    j.entry(c, { attempt: 2, dueAt: 0, firstFailedAt: 1, reason: 'r', parkedAt: 5 });
    feed(j.written, 3);
    clock.advance(5_000);
    fresh();
    const told = { lanes: { queued: 1, retrying: 1, parked: 1, redriven: 0 }, dueLagMs: 4_000 };
    expect(await summary()).toMatchObject(told);
    view.tick();
    open();
    fresh();
    expect(await summary()).toMatchObject(told);
  });
});

describe('the lane of a key', () => {
  test('comes with the first page: its size, its head and who is behind, in order', async () => {
    const j = createJourney();
    const words = Array.from({ length: 30 }, (_, i) => j.word(`w${i}`));
    j.verdict(words[0]);
    j.entry(words[1], { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'http_503' });
    for (const w of words.slice(2)) j.entry(w);
    feed(j.written);
    fresh();
    const page = await ask({ ask: 'key', key: 'k', viewer: SEES_ALL, limit: 5 });
    expect(page.lane?.size).toBe(29);
    expect(page.lane?.first.map((w) => w['id'])).toEqual(Array.from({ length: 20 }, (_, i) => `w${i + 1}`));
    expect(page.lane?.first[0]).toMatchObject({
      place: 0,
      ...{ state: 'retrying', attempt: 2, dueAt: 9 },
      attempts: [{ attempt: 1, outcome: 'failed', nextDueAt: 9 }],
    });
    // A client that sees none of these words learns how many there are.
    expect((await ask({ ask: 'key', key: 'k', viewer: clientOf('other'), limit: 5 })).lane).toEqual({
      size: 29,
      first: [],
    });
    expect(
      await ask({ ask: 'key', key: 'k', viewer: SEES_ALL, limit: 5, below: 2 ** 50 }),
    ).not.toHaveProperty('lane');
  });
});
