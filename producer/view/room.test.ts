import { expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { changesOf, createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { later, SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { ROLES } from './freshness.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { createView } from './view.ts';

test('without room on the disk it answers from what it has, tells no page or list that would lack some of it, and goes on', async () => {
  const store = openSqliteStore(':memory:');
  store.reset('s');
  let room = true;
  const { begin } = store;
  store.begin = (batch) => (room ? begin(batch) : { some: () => 'full' });
  const clock = manualClock();
  const view = createView({
    ...{ store, topics: topicNames('', 'g'), partitions: 1, clock, later, maxWaiters: 10, appendMs: 5_000 },
    ...{ bounds: { windowMs: 60_000, maxRows: 1e5, maxBytes: 1e9 }, live: () => undefined },
  });
  for (const role of ROLES) view.begin(role, 0, 0);
  const feed = (placed: readonly Placed[]): void => {
    for (const p of placed)
      view.apply({
        ...{ role: p.role, partition: 0, changes: changesOf([p]), next: p.record.offset + 1 },
        lastAt: p.record.timestamp,
      });
  };
  const j = createJourney();
  const a = j.word('a');
  feed(j.written.splice(0));
  view.tick();
  room = false;
  j.verdict(a);
  feed(j.written);
  for (const role of ROLES) view.heard(role, 0, { lag: 0, seenAt: clock.now() });
  expect(view.room()).toBe(true);
  view.tick();
  expect([view.room(), view.stats().full]).toEqual([false, true]);
  expect(await view.ask({ ask: 'word', id: 'a', viewer: SEES_ALL })).toMatchObject({ state: 'verdict' });
  const others = [
    { ask: 'page', from: [0], filter: { viewer: SEES_ALL } },
    { ask: 'key', key: 'k', viewer: SEES_ALL, limit: 1 },
    { ask: 'summary' },
  ] as const;
  const said = async (): Promise<string[]> =>
    (await Promise.all(others.map((o) => view.ask(o)))).map((o) => o.is);
  expect(await said()).toEqual(['behind', 'behind', 'behind']);
  room = true;
  view.tick();
  expect([view.room(), view.stats().full]).toEqual([true, false]);
  expect(await said()).toEqual(['page', 'key', 'summary']);
  expect(await view.ask(others[0])).toMatchObject({ events: [{ id: 'a' }] });
  view.close();
});
