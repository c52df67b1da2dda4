import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import { createSource } from './source.ts';
import { batchBytes, out } from '@verdikt/test/support/kafka/batches.ts';
import {
  createFakeLink,
  fetchAnswer,
  fetchByIdAnswer,
  readFetch,
  readFetchById,
  settle,
  type FakeLink,
} from '@verdikt/test/support/kafka/fake-link.ts';
import { createManualClock } from '@verdikt/test/support/kafka/manual-clock.ts';

const FETCH = 1;
let source: RecordSource;
let link: FakeLink;
const clock = createManualClock();
beforeEach(() => {
  link = createFakeLink([1, 1]);
  source = createSource({ link, topic: 't', clock });
});
afterEach(() => source.stop());

const records = (from: number, n: number): Buffer =>
  batchBytes({ baseOffset: from, records: Array.from({ length: n }, () => out('x')) });

describe('the leader that is asked', () => {
  test.each([74, 75])(
    'the epoch of the leader goes along; code %i is asked again with a fresh one',
    async (error) => {
      link.epochs[0] = 4;
      source.open(0, 0n, () => undefined);
      const sent = await link.next(FETCH);
      const first = readFetch(sent.node, sent.body);
      expect(first.partitions[0].epoch).toBe(4);
      link.epochs[0] = 5;
      sent.answer(fetchAnswer([{ partition: 0, error }]));
      await settle();
      clock.advance(50);
      const next = await link.next(FETCH);
      const again = readFetch(next.node, next.body);
      expect([again.partitions[0].epoch, link.refreshed]).toEqual([5, 1]);
    },
  );

  describe('answers on with nothing new, as one that was deposed does', () => {
    /** Answers the next fetch so; which broker it went to. */
    const idle = async (): Promise<number> => {
      const sent = await link.next(FETCH);
      sent.answer(fetchAnswer([{ partition: 0, highWatermark: 7 }]));
      return sent.node;
    };
    beforeEach(() => {
      link.epochs[0] = 4;
      source.open(0, 7n, () => undefined);
    });

    test('left for one of a later epoch that is known by now', async () => {
      expect(await idle()).toBe(1);
      await settle();
      [link.leaders[0], link.epochs[0]] = [2, 5];
      // The first was under way, the second is sent before the cache has answered.
      expect([await idle(), await idle()]).toEqual([1, 1]);
      const sent = await link.next(FETCH);
      expect(readFetch(sent.node, sent.body)).toMatchObject({
        node: 2,
        partitions: [{ partition: 0, epoch: 5, offset: 7 }],
      });
      sent.answer(fetchAnswer([{ partition: 0, records: records(7, 2), highWatermark: 9 }]));
      await settle();
      expect(source.poll(0, 10, 1e9)?.records.map((r) => r.offset)).toEqual([7, 8]);
      expect([link.waiting.map((w) => w.node), link.refreshed]).toEqual([[2], 0]);
    });

    test.each([3, 4, -1])('kept while the other is of epoch %i, or nobody can tell', async (epoch) => {
      expect(await idle()).toBe(1);
      await settle();
      [link.leaders[0], link.epochs[0]] = [2, epoch];
      expect([await idle(), await idle(), await idle()]).toEqual([1, 1, 1]);
      link.broken = new ServiceError('BROKER_UNAVAILABLE', 'down');
      expect([await idle(), await idle(), await idle()]).toEqual([1, 1, 1]);
    });
  });

  describe('of a topic with an id', () => {
    const ids = [1, 2].map((n) => Buffer.alloc(16, n).toString('base64url'));
    beforeEach(() => {
      link.topicId = ids[0];
      link.offered = { 1: { minVersion: 4, maxVersion: 17 } };
    });

    test('it is read by that id', async () => {
      source.open(0, 7n, () => undefined);
      const sent = await link.next(FETCH);
      expect(readFetchById(sent.body)).toEqual({ id: ids[0], count: 1, partition: 0, epoch: -1, offset: 7 });
      sent.answer(fetchByIdAnswer([{ partition: 0, records: records(7, 2), highWatermark: 9 }]));
      await settle();
      expect(source.poll(0, 10, 1e9)?.records.map((r) => r.offset)).toEqual([7, 8]);
    });

    test.each([100, 103])('code %i: asked again while the id is the same', async (error) => {
      source.open(0, 7n, () => undefined);
      (await link.next(FETCH)).answer(fetchByIdAnswer([{ partition: 0, error }]));
      await settle();
      clock.advance(50);
      expect(readFetchById((await link.next(FETCH)).body).id).toBe(ids[0]);
    });

    test('made again under its name: TOPIC_CHANGED for what was opened before, not for what is opened now', async () => {
      source.open(0, 7n, () => undefined);
      const sent = await link.next(FETCH);
      link.topicId = ids[1];
      source.open(1, 0n, () => undefined);
      await settle();
      sent.answer(fetchByIdAnswer([{ partition: 0 }]));
      const alone = await link.next(FETCH);
      expect(readFetchById(alone.body)).toMatchObject({ id: ids[0], count: 1, partition: 0 });
      alone.answer(fetchByIdAnswer([{ partition: 0, error: 100 }]));
      expect(readFetchById((await link.next(FETCH)).body)).toMatchObject({ id: ids[1], partition: 1 });
      clock.advance(50);
      await settle();
      expect(() => source.poll(0, 1, 1)).toThrow(
        expect.objectContaining({ code: 'TOPIC_CHANGED', message: expect.stringContaining('created again') }),
      );
      source.open(0, 0n, () => undefined);
      await settle();
      expect(source.poll(0, 1, 1)).toBeUndefined();
    });
  });
});
