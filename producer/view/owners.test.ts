import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { clientOf, later, SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import type { Viewer } from '../auth/caller.ts';
import { ROLES } from './freshness.ts';
import { dataFor, matches, type ResultEvent } from './question.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { createView, type View } from './view.ts';

let view: View;
let events: ResultEvent[];
const clock = manualClock(2_000_000);

beforeEach(() => {
  events = [];
  view = createView({
    ...{ store: openSqliteStore(':memory:'), topics: topicNames('', 'g'), partitions: 1, clock },
    ...{ appendMs: 0, later, maxWaiters: 10, live: (all) => void events.push(...all) },
    bounds: { windowMs: 1e9, maxRows: 1e6, maxBytes: 1e9 },
  });
  for (const role of ROLES) if (role !== 'words') view.begin(role, 0, 0);
});
afterEach(() => view.close());

const feed = (placed: readonly Placed[]): void => {
  for (const p of placed) {
    const next = p.record.offset + 1;
    view.apply({ role: p.role, partition: 0, changes: changesOf([p]), next, lastAt: p.record.timestamp });
  }
  for (const role of ROLES) view.heard(role, 0, { lag: 0, seenAt: clock.now() });
};
const bodyOf = async (id: string, viewer: Viewer): Promise<Record<string, unknown> | string> => {
  const a = await view.ask({ ask: 'word', id, viewer, at: { partition: 0, offset: 0 } });
  return a.is === 'word' ? (JSON.parse(a.body) as Record<string, unknown>) : a.is;
};
const idsOf = async (viewer: Viewer, limit = 10, below?: number) => {
  const a = await view.ask({ ask: 'key', key: 'k', viewer, limit, below });
  if (a.is !== 'key') throw new Error(a.is);
  const { words, next } = JSON.parse(a.body) as { words: { id: string; reason: string }[]; next?: number };
  return { ids: words.map((w) => w.id), reasons: words.map((w) => w.reason), next };
};
const mine = clientOf('me');
const seesOthers: Viewer = { ...mine, all: true };

describe('a word of another client', () => {
  beforeEach(() => {
    const j = createJourney();
    const others = j.word('theirs', 'k', [[H.owner, 'they']]);
    j.verdict(others, 1, true, [[H.owner, 'they']]);
    feed(j.written);
  });

  test('is not there, neither by its id nor by its key nor among the results', async () => {
    expect(await bodyOf('theirs', mine)).toBe('absent');
    expect(await bodyOf('theirs', clientOf(''))).toBe('absent');
    expect((await idsOf(mine)).ids).toEqual([]);
    expect(events.filter((e) => matches({ viewer: mine }, e))).toEqual([]);
  });

  test('is there for those who see all, without its text', async () => {
    const body = await bodyOf('theirs', seesOthers);
    expect(body).toMatchObject({ id: 'theirs', key: '***', verdict: { word: '***', accepted: true } });
    expect(JSON.stringify(body)).not.toContain('"k"');
    expect(matches({ viewer: seesOthers }, events[0])).toBe(true);
    const data = JSON.parse(dataFor(seesOthers, events[0])) as object;
    expect(data).toMatchObject({ id: 'theirs', key: '***', verdict: { word: '***' } });
  });

  test('is told whole to its owner, and to those who may read text', async () => {
    for (const viewer of [clientOf('they'), SEES_ALL]) {
      expect(await bodyOf('theirs', viewer)).toMatchObject({ key: 'k', verdict: { word: 'w' } });
      expect(dataFor(viewer, events[0])).toBe(events[0].data);
    }
  });
});

test('a verdict that is read before its word has its owner', async () => {
  const j = createJourney();
  const word = j.word('theirs', 'k', [[H.owner, 'they']]);
  const verdict = j.verdict(word, 1, true, [[H.owner, 'they']]);
  feed([verdict]);
  expect(await bodyOf('theirs', mine)).toBe('behind');
  expect(events.map((e) => e.owner)).toEqual(['they']);
});

test('what nobody owns is of those who show no token', async () => {
  const j = createJourney();
  j.word('free');
  feed(j.written);
  expect(await bodyOf('free', clientOf(''))).toMatchObject({ id: 'free', key: 'k' });
  expect(await bodyOf('free', mine)).toBe('absent');
});

test('own words of a key are found behind those of others, page by page', async () => {
  const j = createJourney();
  for (let i = 0; i < 30; i++) j.word(`w${i}`, 'k', [[H.owner, i % 10 === 0 ? 'me' : 'they']]);
  feed(j.written);
  const first = await idsOf(mine, 2);
  expect(first.ids).toEqual(['w20', 'w10']);
  expect((await idsOf(mine, 2, first.next)).ids).toEqual(['w0']);
});

test('who waits behind the word of another is told so, but not which', async () => {
  const j = createJourney();
  const head = j.word('theirs', 'k', [[H.owner, 'they']]);
  const follower = j.word('ours', 'k', [[H.owner, 'me']]);
  j.entry(head, { attempt: 2, reason: 'http_503' });
  j.entry(follower);
  feed(j.written);
  const body = await bodyOf('ours', mine);
  expect(body).toMatchObject({
    reason: expect.stringMatching(/^waits behind a word of another client/),
    behind: { ahead: 1 },
  });
  expect(JSON.stringify(body)).not.toContain('theirs');
  expect(await bodyOf('ours', seesOthers)).toMatchObject({ behind: { id: 'theirs', ahead: 1 } });
});

describe('an idempotency key', () => {
  const claim = (key: string, owner = 'me') =>
    [
      [H.owner, owner],
      [H.idempotencyKey, key],
      [H.claim, '1'],
    ] as const;
  const reused = async (key: string, id: string, owner = 'me'): Promise<readonly string[]> => {
    const a = await view.ask({ ask: 'claims', owner, claims: [{ key, id }] });
    return a.is === 'claims' ? a.reused : [a.is];
  };
  test.each(['held in memory', 'in the store'])(
    'that stands for something else is known, %s',
    async (where) => {
      const j = createJourney();
      j.word('first', 'k', claim('order-1'));
      j.word('other', 'k', claim('order-1', 'they'));
      // A namespace.
      j.word('item', 'k', [
        [H.owner, 'me'],
        [H.idempotencyKey, 'batch-1'],
      ]);
      feed(j.written);
      if (where === 'in the store') view.tick();
      expect(await reused('order-1', 'second')).toEqual(['second']);
      expect(await reused('order-1', 'first')).toEqual([]);
      expect(await reused('order-1', 'other')).toEqual(['other']);
      expect(await reused('order-1', 'x', 'nobody')).toEqual([]);
      expect(await reused('batch-1', 'x')).toEqual([]);
      expect(await reused('order-2', 'x')).toEqual([]);
    },
  );
});
