import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { later, SEES_ALL } from '@verdikt/test/support/producer/viewers.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { WatchedSource, Writer } from '@verdikt/core/ports/source.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { createVerdictReader, type VerdictReader } from '@verdikt/schemas/verdict-reader.ts';
import { createJourney, type Placed } from '@verdikt/test/support/producer/journey.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';
import { createFeed, systemOf, type Feed } from './feed.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { ViewStore } from './store.ts';
import { ROLES } from './freshness.ts';
import { createView, type View } from './view.ts';

const topics = topicNames('', 'g');
const roleOf = (topic: string): TopicRole => ROLES.find((r) => topics[r] === topic) as TopicRole;

/** Logs of one partition each, as a reader sees them. */
let logs: Map<TopicRole, { start: number; readonly records: InRecord[] }>;
let ready: Map<TopicRole, () => void>;
let at: Map<TopicRole, number>;
let broken: ServiceError | undefined;
let writers: readonly Writer[] | undefined;
let clock: ManualClock;
let store: ViewStore;
let view: View;
let feed: Feed;
let failed: unknown[];
let verdicts: VerdictReader;

const logOf = (role: TopicRole) => {
  let log = logs.get(role);
  if (log === undefined) logs.set(role, (log = { start: 0, records: [] }));
  return log;
};
const write = (placed: readonly Placed[]): void => {
  for (const { role, record } of placed) logOf(role).records.push(record);
};

const source = (topic: string): WatchedSource => {
  const role = roleOf(topic);
  let lent: InRecord[] = [];
  return {
    open: (_task, next, onReady) => {
      at.set(role, Number(next));
      ready.set(role, onReady);
      onReady();
    },
    poll: (_task, maxRecords) => {
      if (broken !== undefined) {
        const e = broken;
        broken = undefined;
        throw e;
      }
      const { start, records } = logOf(role);
      const from = at.get(role) ?? 0;
      if (from < start || from > records.length)
        throw new ServiceError('OFFSET_LOST', 'gone', { topic, from });
      for (const { buffer } of lent) buffer.fill(0xff); // as a pool lends them again
      lent = records.slice(from, from + Math.min(maxRecords, 3)).map((r) => r.detach());
      if (lent.length === 0) return undefined;
      at.set(role, from + lent.length);
      return { records: lent, nextOffset: BigInt(from + lent.length), ...(writers && { writers }) };
    },
    lag: () => logOf(role).records.length - (at.get(role) ?? 0),
    seenAt: () => clock.now(),
    readable: () => true,
    close: () => void ready.delete(role),
    stop: () => Promise.resolve(),
  };
};

const reader: Pick<LogReader, 'describe' | 'bounds' | 'offsetAt'> = {
  describe: (names) => Promise.resolve(names.map((n) => ({ id: `id-${n}`, partitions: 1 }))),
  bounds: (topic) => {
    const { start, records } = logOf(roleOf(topic));
    return Promise.resolve({ start, end: records.length });
  },
  offsetAt: (topic, _p, time) => {
    const { records } = logOf(roleOf(topic));
    const found = records.findIndex((r) => r.timestamp >= time);
    return Promise.resolve(found < 0 ? records.length : found);
  },
};

const open = (windowMs = 3_600_000): void => {
  view = createView({
    ...{ store, topics, partitions: 1, clock, later, maxWaiters: 10, appendMs: 5_000, live: () => undefined },
    bounds: { windowMs: 1e9, maxRows: 1_000, maxBytes: 1e9 },
  });
  feed = createFeed({
    ...{ view, topics, partitions: 1, logs: reader, source, verdicts, windowMs, clock, log: silentLog },
    breathe: () => Promise.resolve(),
    failed: (e) => void failed.push(e),
  });
};
const settle = async (): Promise<void> => {
  for (let i = 0; i < 100; i++) await Promise.resolve();
};
const stateOf = async (id: string): Promise<unknown> => {
  const a = await view.ask({ ask: 'word', id, viewer: SEES_ALL, at: { partition: 0, offset: 0 } });
  return a.is === 'word' ? a.state : a.is;
};

beforeEach(() => {
  logs = new Map();
  ready = new Map();
  at = new Map();
  broken = undefined;
  writers = undefined;
  failed = [];
  clock = manualClock(2_000_000);
  verdicts = createVerdictReader();
  store = openSqliteStore(':memory:');
  store.reset('s');
  open();
});
afterEach(async () => {
  await feed.stop();
  expect(failed).toEqual([]);
});

test('reads all topics, goes on as they grow, and knows how fresh it is', async () => {
  const j = createJourney();
  const a = j.word('a');
  j.entry(a, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
  write(j.written);
  await feed.start();
  await settle();
  expect(await stateOf('a')).toBe('retrying');
  write([j.verdict(a, 2)]);
  ready.get('results')?.();
  await settle();
  expect(await stateOf('a')).toBe('verdict');
  clock.advance(1_000);
  expect(view.stats().asOf).toBeGreaterThan(clock.now() - 300);
});

test('the receipt of an outcome names the identity under which it was written, where there is one', async () => {
  const j = createJourney();
  const [a, b] = [j.word('a'), j.word('b')];
  j.verdict(a);
  j.dead(b);
  write(j.written);
  writers = [{ from: 0, producerId: 7n, producerEpoch: 2 }];
  await feed.start();
  await settle();
  const steps = (origin: number): unknown =>
    store.life(0, origin)?.steps.map((s) => [s.what, s.producerId, s.producerEpoch]);
  view.tick();
  expect(steps(0)).toEqual([
    ['accepted', undefined, undefined],
    ['verdict', '7', 2],
  ]);
  expect(steps(1)).toEqual([
    ['accepted', undefined, undefined],
    ['dead-lettered', '7', 2],
  ]);
  writers = [
    { from: 0, producerId: 7n, producerEpoch: 2 },
    { from: 1, producerId: -1n, producerEpoch: -1 },
  ];
  write([j.verdict(j.word('c'))]);
  for (const on of ready.values()) on();
  await settle();
  view.tick();
  expect(store.life(0, 2)?.steps).toMatchObject([{ what: 'verdict' }]);
  expect(store.life(0, 2)?.steps[0]).not.toHaveProperty('producerId');
});

test('without a store it begins with the window, and with all of what is undecided', async () => {
  const j = createJourney(0, 0);
  const old = j.word('old');
  j.entry(old, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' });
  const later = createJourney(0, 1_990_000);
  later.word('never written');
  const young = later.word('young');
  write(j.written);
  logOf('words').records.push(young.record);
  open(60_000);
  await feed.start();
  await settle();
  expect(view.positions().find((p) => p.role === 'words')).toMatchObject({ from: 1, offset: 2 });
  expect(await stateOf('old')).toBe('retrying');
});

test('a log that was cut before it was read is passed over, and what it said becomes unknown', async () => {
  const j = createJourney();
  const [a, b] = [j.word('a'), j.word('b')];
  const retry = [j.entry(a, { attempt: 2, dueAt: 9, firstFailedAt: 1, reason: 'x' })];
  write([a, b, ...retry]);
  await feed.start();
  await settle();
  await feed.stop();
  view.tick();
  const more = [j.entry(b), j.completed(a), j.entry(b)];
  write(more);
  logOf('retry').start = 3;
  open();
  await feed.start();
  await settle();
  expect([await stateOf('a'), await stateOf('b')]).toEqual(['unknown', 'queued']);
});

test('what cannot be read for now is read later', async () => {
  await feed.start();
  await settle();
  const j = createJourney();
  write([j.word('a')]);
  broken = new ServiceError('ACCESS_DENIED', 'no');
  ready.get('words')?.();
  await settle();
  expect(await stateOf('a')).not.toBe('accepted');
  clock.advance(10_000);
  await settle();
  expect(await stateOf('a')).toBe('accepted');
});

test('the schema of a verdict is waited for, and nothing is passed over meanwhile', async () => {
  let known = false;
  verdicts = {
    read: () => (known ? { kind: 'unreadable', detail: '' } : { kind: 'schema-needed', id: 7 }),
    learn: () => Promise.reject(new ServiceError('SCHEMA_UNAVAILABLE', 'away')),
  };
  open();
  const j = createJourney();
  j.verdict(j.word('a'));
  write(j.written);
  await feed.start();
  await settle();
  expect(await stateOf('a')).toBe('accepted');
  clock.advance(1_000);
  // It was fetched, and is not in the view.
  expect(view.stats().asOf).toBe(-1);
  known = true;
  clock.advance(60_000);
  await settle();
  expect(await stateOf('a')).toBe('verdict');
});

test('while the disk has no room nothing more is read, and nothing is passed over', async () => {
  let room = true;
  const { begin } = store;
  store.begin = (batch) => (room ? begin(batch) : { some: () => 'full' });
  const j = createJourney();
  const a = j.word('a');
  write([a]);
  await feed.start();
  await settle();
  room = false;
  view.tick();
  write([j.verdict(a)]);
  ready.get('results')?.();
  await settle();
  const { asOf } = view.stats();
  clock.advance(5_000);
  await settle();
  expect([await stateOf('a'), view.stats().asOf]).toEqual(['accepted', asOf]);
  room = true;
  view.tick();
  clock.advance(200);
  await settle();
  expect(await stateOf('a')).toBe('verdict');
});

test.each([
  ['a log that is shorter than what was read', 'OFFSET_LOST'],
  ['a topic that was made again', 'TOPIC_CHANGED'],
] as const)('%s ends the feed', async (_, code) => {
  await feed.start();
  await settle();
  const j = createJourney();
  write([j.word('a'), j.word('b')]);
  ready.get('words')?.();
  await settle();
  if (code === 'OFFSET_LOST') logOf('words').records.length = 1;
  else broken = new ServiceError(code, 'another one');
  ready.get('words')?.();
  await settle();
  expect(failed).toMatchObject([{ code }]);
  failed = [];
});

test('a store belongs to its topics and their partitions', async () => {
  const mine = await systemOf({ logs: reader, topics, partitions: 1 });
  const again = {
    ...reader,
    describe: async (names: readonly string[]) =>
      (await reader.describe(names)).map((t) => ({ ...t, id: 'other' })),
  };
  expect(await systemOf({ logs: again, topics, partitions: 1 })).not.toBe(mine);
  await expect(systemOf({ logs: reader, topics, partitions: 2 })).rejects.toMatchObject({
    code: 'TOPIC_INVALID',
  });
});
