import { beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { createLogReader } from './log-reader.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import {
  createFakeLink,
  fetchAnswer,
  listAnswer,
  readFetch,
  settle,
  type FakeLink,
  type FetchPart,
  type Sent,
} from '@verdikt/test/support/kafka/fake-link.ts';
import { manualClock, type ManualClock } from '@verdikt/testing/manual-clock.ts';

const FETCH = 1;
const LIST = 2;
let link: FakeLink;
let clock: ManualClock;
let reader: LogReader;
beforeEach(() => {
  link = createFakeLink([1]);
  clock = manualClock();
  reader = createLogReader({ link, clock, patienceMs: 5_000 });
});

const records = (from: number, n: number): Buffer =>
  batchBytes({ baseOffset: from, records: Array.from({ length: n }, (_, i) => out(`v${from + i}`)) });
const answerFetch = async (
  part: Partial<FetchPart>,
): Promise<{ offset: number; epoch: number; isolation: number; maxBytes: number }> => {
  const sent: Sent = await link.next(FETCH);
  const { partitions, isolation } = readFetch(sent.node, sent.body);
  sent.answer(fetchAnswer([{ partition: 0, ...part }]));
  return { ...partitions[0], isolation };
};
const answerBounds = async (start: number, end: number): Promise<void> => {
  (await link.next(LIST)).answer(listAnswer(0, start));
  (await link.next(LIST)).answer(listAnswer(0, end));
};
const scanning = (from: number, to: number): { seen: number[]; done: Promise<void> } => {
  const seen: number[] = [];
  const done = reader.scan('t', 0, from, to, (r) => seen.push(r.offset));
  done.catch(() => undefined);
  return { seen, done };
};

describe('scan', () => {
  test('visits [from, to) in order at read_committed and asks for the next part before it visits', async () => {
    const { seen, done } = scanning(2, 7);
    expect(await answerFetch({ records: records(0, 4) })).toMatchObject({ offset: 2, isolation: 1 });
    const next = await link.next(FETCH);
    await settle();
    expect(seen).toEqual([2, 3]);
    next.answer(fetchAnswer([{ partition: 0, records: records(4, 5) }]));
    await done;
    expect(seen).toEqual([2, 3, 4, 5, 6]);
    expect(link.waiting).toEqual([]);
  });

  test('ends with the position, not with a record: the end may be a marker or aborted', async () => {
    const { seen, done } = scanning(0, 4);
    await answerFetch({
      records: Buffer.concat([
        records(0, 1),
        batchBytes({ baseOffset: 1, records: [out('a'), out('b')], producerId: 5, transactional: true }),
        batchBytes({ baseOffset: 3, marker: 'abort', producerId: 5 }),
      ]),
      aborted: [{ producerId: 5, firstOffset: 1 }],
    });
    await done;
    expect(seen).toEqual([0]);
  });

  test('an empty range asks nobody', async () => {
    await scanning(5, 5).done;
    expect(link.waiting).toEqual([]);
  });

  test('waits for an open transaction, but not forever', async () => {
    const { done } = scanning(0, 3);
    await answerFetch({ records: records(0, 1) });
    await answerFetch({});
    await settle();
    clock.advance(4_999);
    await answerFetch({ records: records(1, 1) });
    await answerFetch({});
    await settle();
    clock.advance(4_999);
    await answerFetch({});
    await settle();
    clock.advance(2);
    await answerFetch({});
    await expect(done).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE', details: { offset: 2 } });
  });

  test('skips what was deleted meanwhile', async () => {
    const { seen, done } = scanning(0, 12);
    await answerFetch({ error: 1 });
    await answerBounds(10, 12);
    expect((await answerFetch({ records: records(10, 2) })).offset).toBe(10);
    await done;
    expect(seen).toEqual([10, 11]);
  });

  test('all of the range was deleted', async () => {
    const { seen, done } = scanning(0, 12);
    await answerFetch({ error: 1 });
    await answerBounds(12, 12);
    await done;
    expect(seen).toEqual([]);
  });

  test('a log that has become shorter is lost data, not an end', async () => {
    const { done } = scanning(50, 60);
    await answerFetch({ error: 1 });
    await answerBounds(0, 40);
    await expect(done).rejects.toMatchObject({ code: 'OFFSET_LOST', details: { end: 40 } });
  });

  test('half a batch will not grow', async () => {
    const { done } = scanning(0, 3);
    await answerFetch({ records: records(0, 3).subarray(0, 70) });
    await expect(done).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  });

  test('follows the leader and waits for brokers, within patience', async () => {
    const { seen, done } = scanning(0, 1);
    link.leaders[0] = 2;
    await answerFetch({ error: 6 });
    await settle();
    clock.advance(20);
    (await link.next(FETCH)).fail(new ServiceError('BROKER_UNAVAILABLE', 'down'));
    await settle();
    clock.advance(40);
    const sent = await link.next(FETCH);
    expect([sent.node, link.refreshed]).toEqual([2, 2]);
    sent.answer(fetchAnswer([{ partition: 0, records: records(0, 1) }]));
    await done;
    expect(seen).toEqual([0]);

    const { done: never } = scanning(0, 1);
    for (let i = 0; i < 30; i++) {
      await settle();
      for (const s of link.waiting.splice(0)) s.fail(new ServiceError('BROKER_UNAVAILABLE', 'down'));
      await settle();
      clock.advance(1_000);
    }
    await expect(never).rejects.toMatchObject({ code: 'BROKER_UNAVAILABLE' });
  });

  test('a link that was closed is not asked again', async () => {
    const { done } = scanning(0, 1);
    (await link.next(FETCH)).fail(new ServiceError('BROKER_UNAVAILABLE', 'closed', { closed: true }));
    await expect(done).rejects.toMatchObject({ details: { closed: true } });
    expect(link.refreshed).toBe(0);
  });

  test.each([74, 75, 100, 103])(
    'code %i is asked again, of the leader as it is known then',
    async (error) => {
      link.epochs[0] = 4;
      const { seen, done } = scanning(0, 1);
      expect(await answerFetch({ error })).toMatchObject({ epoch: 4 });
      link.epochs[0] = 5;
      await settle();
      clock.advance(20);
      expect(await answerFetch({ records: records(0, 1) })).toMatchObject({ epoch: 5 });
      await done;
      expect([seen, link.refreshed]).toEqual([[0], 1]);
    },
  );

  test('a topic that was made again is another one: TOPIC_CHANGED, until it is asked for again', async () => {
    link.topicId = 'a';
    const { seen, done } = scanning(0, 4);
    await answerFetch({ records: records(0, 2) });
    await settle();
    link.topicId = 'b';
    await answerFetch({ error: 3 });
    await settle();
    clock.advance(20);
    await expect(done).rejects.toMatchObject({ code: 'TOPIC_CHANGED', details: { topic: 't' } });
    expect(seen).toEqual([0, 1]);
    const again = scanning(0, 1);
    await answerFetch({ records: records(0, 1) });
    await again.done;
  });

  test('what no retry fixes is told at once', async () => {
    const { done } = scanning(0, 1);
    await answerFetch({ error: 29 });
    await expect(done).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  test('an error of the visitor ends the scan', async () => {
    const done = reader.scan('t', 0, 0, 9, () => {
      throw new ServiceError('RECORD_REJECTED', 'no');
    });
    done.catch(() => undefined);
    await answerFetch({ records: records(0, 2) });
    await expect(done).rejects.toMatchObject({ code: 'RECORD_REJECTED' });
  });
});

describe('fetch', () => {
  test('answers in the order asked, reads neighbours together and jumps over gaps', async () => {
    const done = reader.fetch('t', 0, [9, 3, 50_000, 4, 9]);
    const near = await answerFetch({ records: Buffer.concat([records(2, 3), records(5, 6)]) });
    expect(near).toMatchObject({ offset: 3, isolation: 0 });
    const far = await answerFetch({ records: records(50_000, 1) });
    expect(far.offset).toBe(50_000);
    expect(near.maxBytes).toBeGreaterThan(far.maxBytes);
    const got = await done;
    expect(got.map((r) => [r.offset, String(r.value)])).toEqual([
      [9, 'v9'],
      [3, 'v3'],
      [50_000, 'v50000'],
      [4, 'v4'],
      [9, 'v9'],
    ]);
    // Copied side by side, out of two responses.
    expect(new Set(got.map((r) => r.buffer)).size).toBe(1);
    expect(link.waiting).toEqual([]);
  });

  test('nothing asked, nothing sent', async () => {
    expect(await reader.fetch('t', 0, [])).toEqual([]);
    expect(link.waiting).toEqual([]);
  });

  test.each([
    ['deleted', { error: 1 }],
    ['compacted away', { records: batchBytes({ baseOffset: 5, records: [out('x')], lastOffsetDelta: 5 }) }],
    ['followed by a later batch', { records: records(8, 2) }],
    ['a marker', { records: batchBytes({ baseOffset: 6, marker: 'commit', producerId: 1 }) }],
  ])('an offset that is %s is lost', async (_why, part) => {
    const done = reader.fetch('t', 0, [6]);
    done.catch(() => undefined);
    await answerFetch(part);
    await expect(done).rejects.toMatchObject({ code: 'OFFSET_LOST', details: { offset: 6 } });
  });

  test('the end of the log is asked some more, then the offset is lost', async () => {
    const done = reader.fetch('t', 0, [6]);
    done.catch(() => undefined);
    for (let i = 0; i < 21; i++) await answerFetch({});
    await expect(done).rejects.toMatchObject({ code: 'OFFSET_LOST' });
  });
});

describe('bounds and offsetAt', () => {
  test('start and end at read_uncommitted, of the leader as it is known', async () => {
    link.epochs[0] = 4;
    const done = reader.bounds('t', 0);
    await settle();
    expect(link.waiting.map((s) => s.body.readInt8(4))).toEqual([0, 0]);
    // After the isolation: one topic, its name, one partition.
    expect(link.waiting.map((s) => s.body.readInt32BE(20))).toEqual([4, 4]);
    await answerBounds(3, 8);
    expect(await done).toEqual({ start: 3, end: 8 });
  });

  test('the end where no record is so young, as it was before that was asked', async () => {
    const done = reader.offsetAt('t', 0, 123);
    const end = await link.next(LIST);
    expect(end.body.readBigInt64BE(24)).toBe(-1n);
    end.answer(listAnswer(0, 8));
    const asked = await link.next(LIST);
    expect(asked.body.readBigInt64BE(24)).toBe(123n);
    asked.answer(listAnswer(0, -1));
    expect(await done).toBe(8);
  });
});

test('describe waits for a topic that not every broker knows yet, and not for long', async () => {
  const known = { topic: 't', error: 0, id: 'x', leaders: [1, 2], epochs: [], replicas: [], inSync: [] };
  const answers = [{ ...known, error: 3 }, known];
  link.topics = () => Promise.resolve([answers.shift() ?? { ...known, error: 3 }]);
  const done = reader.describe(['t']);
  await settle();
  clock.advance(50);
  expect(await done).toEqual([{ id: 'x', partitions: 2 }]);
  const never = expect(reader.describe(['t'])).rejects.toMatchObject({
    code: 'TOPIC_INVALID',
    details: { topic: 't' },
  });
  for (let i = 0; i < 10; i++) {
    await settle();
    clock.advance(800);
  }
  await never;
});
