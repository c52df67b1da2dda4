import { afterEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { WatchedSource } from '@verdikt/core/ports/source.ts';
import { createSource, type SourceOptions } from './source.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import {
  createFakeLink,
  fetchAnswer,
  readFetch,
  settle,
  type FakeLink,
  type FetchRequestSeen,
  type Sent,
} from '@verdikt/test/support/kafka/fake-link.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';

const FETCH = 1;
const down = new ServiceError('BROKER_UNAVAILABLE', 'down');
let source: WatchedSource;
let link: FakeLink;
const clock = manualClock();

const start = (leaders: number[], more: Partial<SourceOptions> = {}): void => {
  link = createFakeLink(leaders);
  source = createSource({ link, topic: 't', clock, ...more });
};
afterEach(() => source.stop());

const fetched = async (): Promise<FetchRequestSeen & Pick<Sent, 'answer' | 'fail'>> => {
  const sent = await link.next(FETCH);
  return { ...readFetch(sent.node, sent.body), answer: sent.answer, fail: sent.fail };
};
const records = (from: number, n: number, size = 1): Buffer =>
  batchBytes({ baseOffset: from, records: Array.from({ length: n }, () => out('x'.repeat(size))) });
const offsets = (task: number): number[] | undefined =>
  source.poll(task, 1_000, 1e9)?.records.map((r) => r.offset);

/** Counts calls and lets tests wait for the next one. */
const ready = (): { f: () => void; next: () => Promise<void> } => {
  let wake: (() => void) | undefined;
  return { f: () => wake?.(), next: () => new Promise((resolve) => (wake = resolve)) };
};

describe('source', () => {
  test('reads from its own position on at read_committed, and knows the lag', async () => {
    start([1]);
    const r = ready();
    source.open(0, 7n, r.f);
    const first = await fetched();
    expect(first).toMatchObject({
      node: 1,
      isolation: 1,
      maxWaitMs: 250,
      partitions: [{ partition: 0, offset: 7 }],
    });
    expect(source.poll(0, 10, 10)).toBeUndefined();
    const told = r.next();
    first.answer(fetchAnswer([{ partition: 0, records: records(7, 3), highWatermark: 20 }]));
    await told;
    expect(source.lag(0)).toBe(13);
    expect(offsets(0)).toEqual([7, 8, 9]);
    expect(source.lag(0)).toBe(10);
    expect((await fetched()).partitions[0].offset).toBe(10);
  });

  test('tells when a broker was asked that told the end, whether there was anything new or not', async () => {
    start([1]);
    source.open(0, 0n, () => undefined);
    expect([source.seenAt(0), source.seenAt(1)]).toEqual([-1, -1]);
    const first = await fetched();
    const before = clock.now();
    clock.advance(70);
    first.answer(fetchAnswer([{ partition: 0 }]));
    const second = await fetched();
    // The answer may have been under way all the time, and tells of nothing that was written meanwhile.
    expect(source.seenAt(0)).toBe(before);
    clock.advance(250);
    second.fail(down);
    await settle();
    expect(source.seenAt(0)).toBe(before);
  });

  test('one fetch per broker for all its tasks; a task opened meanwhile is in the next one', async () => {
    start([1, 1, 2]);
    source.open(0, 0n, () => undefined);
    source.open(2, 0n, () => undefined);
    const [a, b] = [await fetched(), await fetched()];
    expect([a, b].map((x) => [x.node, x.partitions.map((p) => p.partition)])).toEqual([
      [1, [0]],
      [2, [2]],
    ]);
    source.open(1, 0n, () => undefined);
    await settle();
    expect(link.waiting).toEqual([]);
    a.answer(fetchAnswer([{ partition: 0 }]));
    expect((await fetched()).partitions.map((p) => p.partition).sort()).toEqual([0, 1]);
  });

  test('a full task is not fetched until it is polled below half, and the wait is short while it drains', async () => {
    start([1, 1], { readAheadBytes: 1_000 });
    source.open(0, 0n, () => undefined);
    source.open(1, 0n, () => undefined);
    // Each task once it is located, so the first fetch may hold the first task alone.
    const first = await fetched();
    first.answer(fetchAnswer([{ partition: 0, records: records(0, 10, 90), highWatermark: 99 }]));
    const second = await fetched();
    expect(second.partitions.map((p) => p.partition)).toEqual([1]);
    expect(second.maxWaitMs).toBe(250);
    expect(source.poll(0, 1, 1e9)?.records).toHaveLength(1);
    second.answer(fetchAnswer([{ partition: 1 }]));
    const third = await fetched();
    expect([third.partitions.map((p) => p.partition), third.maxWaitMs]).toEqual([[1], 5]);
    expect(source.poll(0, 9, 1e9)?.records).toHaveLength(9);
    third.answer(fetchAnswer([{ partition: 1 }]));
    expect((await fetched()).partitions.map((p) => p.partition).sort()).toEqual([0, 1]);
  });

  test('wakes up by a poll when all tasks were full', async () => {
    start([1], { readAheadBytes: 1_000 });
    source.open(0, 0n, () => undefined);
    (await fetched()).answer(fetchAnswer([{ partition: 0, records: records(0, 10, 90) }]));
    await settle();
    expect(link.waiting).toEqual([]);
    offsets(0);
    expect((await fetched()).partitions[0].offset).toBe(10);
  });

  test('the order turns, and a task cut short goes first', async () => {
    start([1, 1, 1]);
    for (const t of [0, 1, 2]) source.open(t, 0n, () => undefined);
    const some = await fetched();
    some.answer(fetchAnswer(some.partitions.map(({ partition }) => ({ partition }))));
    const firsts: number[] = [];
    for (let i = 0; i < 3; i++) {
      const f = await fetched();
      firsts.push(f.partitions[0].partition);
      f.answer(fetchAnswer(f.partitions.map(({ partition }) => ({ partition }))));
    }
    expect([...firsts].sort()).toEqual([0, 1, 2]);
    const f = await fetched();
    const cut = f.partitions[2].partition;
    f.answer(fetchAnswer([{ partition: cut, records: records(0, 10).subarray(0, 80) }]));
    const g = await fetched();
    expect(g.partitions[0].partition).toBe(cut);
    g.answer(fetchAnswer([{ partition: cut, records: records(0, 10).subarray(0, 80) }]));
    await settle();
    expect(() => source.poll(cut, 1, 1)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
  });

  test('a moved leader is followed, without loss, after a wait and fresh metadata', async () => {
    start([1]);
    source.open(0, 0n, () => undefined);
    (await fetched()).answer(fetchAnswer([{ partition: 0, records: records(0, 2) }]));
    link.leaders[0] = 2;
    (await fetched()).answer(fetchAnswer([{ partition: 0, error: 6 }]));
    await settle();
    expect(link.waiting).toEqual([]);
    clock.advance(50);
    const f = await fetched();
    expect([f.node, f.partitions[0].offset, link.refreshed]).toEqual([2, 2, 1]);
    expect(offsets(0)).toEqual([0, 1]);
  });

  test('OFFSET_LOST tells the task, after what was read before it; others go on; opening again helps', async () => {
    start([1, 1]);
    source.open(0, 0n, () => undefined);
    (await fetched()).answer(fetchAnswer([{ partition: 0, records: records(0, 2) }]));
    const r = ready();
    source.open(1, 5n, r.f);
    (await fetched()).answer(fetchAnswer([{ partition: 0 }]));
    const told = r.next();
    const both = await fetched();
    expect(both.partitions.map((p) => p.partition).sort()).toEqual([0, 1]);
    both.answer(fetchAnswer([{ partition: 1, records: records(5, 2) }]));
    await told;
    const toldAgain = r.next();
    (await fetched()).answer(
      fetchAnswer([
        { partition: 1, error: 1 },
        { partition: 0, error: 0 },
      ]),
    );
    await toldAgain;
    expect(offsets(1)).toEqual([5, 6]);
    expect(() => source.poll(1, 1, 1)).toThrow(expect.objectContaining({ code: 'OFFSET_LOST' }));
    expect(() => source.poll(1, 1, 1)).toThrow(expect.objectContaining({ code: 'OFFSET_LOST' }));
    const rest = await fetched();
    expect(rest.partitions.map((p) => p.partition)).toEqual([0]);
    source.close(1);
    source.open(1, 6n, () => undefined);
    await settle();
    rest.answer(fetchAnswer([{ partition: 0 }]));
    const next = await fetched();
    expect(next.partitions.find((p) => p.partition === 1)?.offset).toBe(6);
  });

  test.each([
    [29, 'ACCESS_DENIED'],
    [2, 'LOG_CORRUPT'],
  ])('Kafka code %i is told as %s', async (error, code) => {
    start([1]);
    source.open(0, 0n, () => undefined);
    (await fetched()).answer(fetchAnswer([{ partition: 0, error }]));
    await settle();
    expect(() => source.poll(0, 1, 1)).toThrow(expect.objectContaining({ code }));
  });

  test('broken connections and brokers without a leader are tried forever, with growing waits', async () => {
    start([1]);
    source.open(0, 3n, () => undefined);
    for (const wait of [50, 100, 200, 400, 800, 1_000, 1_000]) {
      (await fetched()).fail(down);
      await settle();
      clock.advance(wait - 1);
      await settle();
      expect(link.waiting).toEqual([]);
      clock.advance(1);
    }
    (await fetched()).answer(fetchAnswer([{ partition: 0, records: records(3, 1) }]));
    await settle();
    expect(offsets(0)).toEqual([3]);
    (await fetched()).fail(down);
    await settle();
    clock.advance(50);
    (await fetched()).fail(down);
    link.broken = down;
    await settle();
    for (let i = 0; i < 20; i++) {
      clock.advance(1_000);
      await settle();
    }
    expect(source.poll(0, 1, 1)).toBeUndefined();
    link.broken = undefined;
    clock.advance(1_000);
    expect((await fetched()).partitions[0].offset).toBe(4);
  });

  test('an unknown topic is believed after a while', async () => {
    start([1], { unknownTopicMs: 3_000 });
    link.broken = new ServiceError('TOPIC_INVALID', 'unknown');
    source.open(0, 0n, () => undefined);
    await settle();
    clock.advance(50);
    await settle();
    expect(source.poll(0, 1, 1)).toBeUndefined();
    for (let i = 0; i < 6; i++) {
      clock.advance(1_000);
      await settle();
    }
    expect(() => source.poll(0, 1, 1)).toThrow(expect.objectContaining({ code: 'TOPIC_INVALID' }));
  });

  test('a late answer for a task that was closed and opened again is dropped', async () => {
    start([1]);
    source.open(0, 0n, () => {
      throw new Error('closed');
    });
    const old = await fetched();
    source.close(0);
    source.close(9);
    source.open(0, 100n, () => undefined);
    await settle();
    old.answer(fetchAnswer([{ partition: 0, records: records(0, 3) }]));
    expect((await fetched()).partitions[0].offset).toBe(100);
    expect(source.poll(0, 1, 1)).toBeUndefined();
  });

  test('the records of a small part do not hold the whole response in memory', async () => {
    start([1, 1]);
    source.open(0, 0n, () => undefined);
    const first = await fetched();
    source.open(1, 0n, () => undefined);
    await settle();
    first.answer(fetchAnswer([]));
    (await fetched()).answer(
      fetchAnswer([
        { partition: 0, records: records(0, 1, 100_000) },
        { partition: 1, records: records(0, 1, 5_000) },
      ]),
    );
    await settle();
    expect(source.poll(1, 1, 1)?.records[0].buffer.buffer.byteLength).toBeLessThan(10_000);
  });

  test('stop closes the link and ends the loops', async () => {
    start([1]);
    source.open(0, 0n, () => undefined);
    await fetched();
    await source.stop();
    expect(link.closed).toBe(true);
    await settle();
    expect(link.waiting).toEqual([]);
    expect(source.poll(0, 1, 1)).toBeUndefined();
  });
});
