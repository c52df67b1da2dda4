import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KafkaAnswer } from '../kafka-answer.ts';
import type { ProducersSubject, RawProducer } from './producers-subject.ts';
import { rising } from './subject.ts';

/** Kafka looks for transactions that are open for too long every 10 seconds. */
const MOST_WAITS = 300;

/** What a broker promises to producers, as far as exactly-once rests on it. Two empty partitions. `make`: before each test. */
export const producersContract = (name: string, make: () => Promise<ProducersSubject>): void => {
  describe(`producers and transactions of a broker: ${name}`, () => {
    let s: ProducersSubject;
    let ids = 0;
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const newId = (): string => `tx-${ids++}`;
    const ok = (offset: number) => ({ answer: 'ok', offset });
    const answers = async (
      p: RawProducer,
      sequence: number,
      values: readonly string[],
    ): Promise<KafkaAnswer> => (await s.append(p, 0, sequence, values)).answer;
    /** The log as it is, control records and aborted ones included. */
    const log = async (partition = 0): Promise<string[]> =>
      (await s.fetch(partition, 0, false)).entries.map(
        (e) => `${e.offset} ${e.kind === 'record' ? e.value : e.kind}`,
      );
    const stable = async (partition = 0): Promise<number> => (await s.fetch(partition, 0, true)).end;
    /** Markers come after the answer. */
    const until = async (what: () => Promise<boolean>): Promise<void> => {
      for (let i = 0; !(await what()); i++) {
        if (i === MOST_WAITS) throw new Error('it did not come');
        await s.pass(100);
      }
    };
    const ended = (length: number): Promise<void> => until(async () => (await log()).length === length);
    /** In a transaction that stays open. */
    const begun = async (
      id = newId(),
      timeoutMs?: number,
    ): Promise<RawProducer & { put(n: number): Promise<void> }> => {
      const p = await s.init(id, timeoutMs);
      expect(await s.join(p, 0)).toBe('ok');
      const put = async (n: number): Promise<void> => {
        expect(await answers(p, n, [`${id}.${n}`])).toBe('ok');
      };
      return { ...p, put };
    };

    describe('sequence numbers', () => {
      test('one of the last five batches again is answered with its offset and not written; an older one is refused', async () => {
        const p = await s.init(null);
        const batches = rising(6).map((i) => [`${i}a`, `${i}b`]);
        for (const i of rising(6)) expect(await s.append(p, 0, i * 2, batches[i])).toEqual(ok(i * 2));
        for (const i of [5, 1, 3, 4, 2, 1])
          expect(await s.append(p, 0, i * 2, batches[i])).toEqual(ok(i * 2));
        expect(await answers(p, 0, batches[0])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        expect(await s.append(p, 0, 12, ['next'])).toEqual(ok(12));
        expect(await log()).toEqual([...batches.flat(), 'next'].map((v, i) => `${i} ${v}`));
      });

      test('repeats do not count among the last five', async () => {
        const p = await s.init(null);
        for (const i of rising(5)) await s.append(p, 0, i, [`${i}`]);
        for (const _ of rising(6)) expect(await s.append(p, 0, 4, ['4'])).toEqual(ok(4));
        expect(await s.append(p, 0, 0, ['0'])).toEqual(ok(0));
      });

      test('a gap is refused, and what comes in order goes on', async () => {
        const p = await s.init(null);
        expect(await answers(p, 0, ['a'])).toBe('ok');
        expect(await answers(p, 2, ['c'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        expect(await answers(p, 1, ['b'])).toBe('ok');
        expect(await answers(p, 2, ['c'])).toBe('ok');
        expect(await log()).toEqual(['0 a', '1 b', '2 c']);
      });

      test('a repeat of another length is none', async () => {
        const p = await s.init(null);
        await s.append(p, 0, 0, ['a', 'b']);
        expect(await answers(p, 0, ['a'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        expect(await answers(p, 1, ['b'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        expect(await answers(p, 0, ['a', 'b', 'c'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        expect(await log()).toEqual(['0 a', '1 b']);
      });

      test('each partition and each producer counts for itself', async () => {
        const [p, q] = [await s.init(null), await s.init(null)];
        expect(await s.append(p, 0, 0, ['a'])).toEqual(ok(0));
        expect(await s.append(p, 1, 0, ['b'])).toEqual(ok(0));
        expect(await s.append(q, 0, 0, ['c'])).toEqual(ok(1));
        expect(await s.append(p, 0, 0, ['a'])).toEqual(ok(0));
        expect([await log(0), await log(1)]).toEqual([['0 a', '1 c'], ['0 b']]);
      });

      test('who is not known may begin anywhere in a log that is not new, and numbers wrap', async () => {
        // From Kafka 4.5 on, in a log that never held a record, only at 0.
        expect(await s.append(await s.init(null), 0, 0, ['-'])).toEqual(ok(0));
        const p = await s.init(null);
        const last = 2 ** 31 - 1;
        expect(await s.append(p, 0, last - 1, ['a'])).toEqual(ok(1));
        expect(await s.append(p, 0, last, ['b', 'c'])).toEqual(ok(2));
        expect(await s.append(p, 0, last, ['b', 'c'])).toEqual(ok(2));
        expect(await s.append(p, 0, 1, ['d'])).toEqual(ok(4));
        expect(await log()).toEqual(['0 -', '1 a', '2 b', '3 c', '4 d']);
      });

      test('they go on over the transactions of one epoch; a newer epoch begins at 0 and shuts the older out', async () => {
        const id = newId();
        const p = await begun(id);
        await p.put(0);
        await s.end(p, true);
        await ended(2);
        expect(await s.join(p, 0)).toBe('ok');
        expect(await answers(p, 2, ['gap'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        await p.put(1);
        await s.end(p, true);
        await ended(4);
        const newer = await begun(id);
        expect([newer.producerId, newer.epoch > p.epoch]).toEqual([p.producerId, true]);
        expect(await answers(newer, 2, ['late'])).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
        await newer.put(0);
        expect(await answers(p, 1, [`${id}.1`])).toBe('INVALID_PRODUCER_EPOCH');
        expect(await answers(p, 2, ['zombie'])).toBe('INVALID_PRODUCER_EPOCH');
        expect(await log()).toEqual([`0 ${id}.0`, '1 commit', `2 ${id}.1`, '3 commit', `4 ${id}.0`]);
        await s.end(newer, false);
      });
    });

    describe('transactions', () => {
      test('a reader at read_committed stops at the first open one; control records take offsets', async () => {
        const plain = await s.init(null);
        await s.append(plain, 0, 0, ['a']);
        const p = await begun();
        await p.put(0);
        await s.append(plain, 0, 1, ['b']);
        expect(await stable()).toBe(1);
        expect((await s.fetch(0, 0, true)).entries.map((e) => e.value)).toEqual(['a']);
        expect(await log()).toEqual(['0 a', `1 ${p.id}.0`, '2 b']);
        expect(await s.end(p, true)).toBe('ok');
        await ended(4);
        expect(await log()).toEqual(['0 a', `1 ${p.id}.0`, '2 b', '3 commit']);
        expect(await stable()).toBe(4);
        expect(await s.append(plain, 0, 2, ['c'])).toEqual(ok(4));
        expect(await s.read(0)).toEqual(['a', `${p.id}.0`, 'b', 'c']);
      });

      test('two that overlap: the older holds the reader back, and the aborted one is skipped by the list', async () => {
        const [p, q] = [await begun(), await begun()];
        await p.put(0);
        await q.put(0);
        await p.put(1);
        await q.put(1);
        expect(await stable()).toBe(0);
        await s.end(q, true);
        await ended(5);
        expect(await stable()).toBe(0);
        await s.end(p, false);
        await ended(6);
        expect(await stable()).toBe(6);
        expect((await log()).slice(4)).toEqual(['4 commit', '5 abort']);
        expect(await s.read(0)).toEqual([`${q.id}.0`, `${q.id}.1`]);
        const seen = await s.fetch(0, 0, true);
        expect(seen.entries).toHaveLength(6);
        expect(seen.aborted).toEqual([{ producerId: p.producerId, firstOffset: 0 }]);
      });

      test('the newer aborts first: the reader gets no further, then skips both', async () => {
        const [p, q] = [await begun(), await begun()];
        await p.put(0);
        await q.put(0);
        await s.end(q, false);
        await ended(3);
        expect(await stable()).toBe(0);
        await p.put(1);
        await s.end(p, false);
        await ended(5);
        expect((await s.fetch(0, 0, true)).aborted).toEqual([
          { producerId: q.producerId, firstOffset: 1 },
          { producerId: p.producerId, firstOffset: 0 },
        ]);
        expect(await s.read(0)).toEqual([]);
      });

      test('one producer that aborts, commits and aborts: what was committed is seen', async () => {
        const p = await begun();
        for (const [n, commit] of [false, true, false].entries()) {
          expect(await s.join(p, 0)).toBe('ok');
          await p.put(n);
          expect(await s.end(p, commit)).toBe('ok');
          await ended(2 * n + 2);
        }
        expect(await s.read(0)).toEqual([`${p.id}.1`]);
        const list = async (from: number): Promise<number[]> =>
          (await s.fetch(0, from, true)).aborted.map((a) => a.firstOffset);
        expect([await list(0), await list(1), await list(2), await list(5)]).toEqual([
          [0, 4],
          [0, 4],
          [4],
          [4],
        ]);
        expect((await s.fetch(0, 0, false)).aborted).toEqual([]);
      });

      test('a marker is written also where no record is', async () => {
        const p = await begun();
        await s.join(p, 1);
        await p.put(0);
        await s.end(p, false);
        await ended(2);
        await until(async () => (await log(1)).length > 0);
        expect(await log(1)).toEqual(['0 abort']);
        expect((await s.fetch(1, 0, true)).aborted).toEqual([]);
      });

      test('a partition that did not join is not written to', async () => {
        const p = await s.init(newId());
        expect(await answers(p, 0, ['x'])).toBe('INVALID_TXN_STATE');
        expect(await s.end(p, true)).toBe('INVALID_TXN_STATE');
        expect(await s.join(p, 1)).toBe('ok');
        expect(await answers(p, 0, ['x'])).toBe('INVALID_TXN_STATE');
        expect(await log()).toEqual([]);
        await s.end(p, false);
      });

      test('an end that is sent again is answered as before, the other one is refused', async () => {
        const p = await begun();
        await p.put(0);
        expect(await s.end(p, true)).toBe('ok');
        expect(await s.end(p, true)).toBe('ok');
        expect(await s.end(p, false)).toBe('INVALID_TXN_STATE');
        expect(await log()).toEqual([`0 ${p.id}.0`, '1 commit']);
      });

      test('a batch that is sent again inside of one is written once', async () => {
        const p = await begun();
        await p.put(0);
        expect(await s.append(p, 0, 0, [`${p.id}.0`])).toEqual(ok(0));
        await s.end(p, true);
        await ended(2);
        expect(await s.read(0)).toEqual([`${p.id}.0`]);
      });

      test('one that is open for too long is aborted and its producer shut out; one that may last longer goes on', async () => {
        const long = await begun(newId(), 60_000);
        await long.put(0);
        const short = await begun(newId(), 2_000);
        await short.put(0);
        await until(async () => (await log()).length > 2);
        expect((await log())[2]).toBe('2 abort');
        expect(await answers(short, 1, ['zombie'])).toBe('INVALID_PRODUCER_EPOCH');
        expect(await s.join(short, 0)).toBe('INVALID_PRODUCER_EPOCH');
        expect(await s.end(short, true)).toBe('INVALID_PRODUCER_EPOCH');
        const next = await begun(short.id as string, 60_000);
        expect([next.producerId, next.epoch > short.epoch]).toEqual([short.producerId, true]);
        await next.put(0);
        expect(await answers(short, 1, ['zombie'])).toBe('INVALID_PRODUCER_EPOCH');
        expect([await s.end(long, true), await s.end(next, true)]).toEqual(['ok', 'ok']);
        await ended(6);
        expect((await s.fetch(0, 0, true)).aborted).toEqual([
          { producerId: short.producerId, firstOffset: 1 },
        ]);
        expect(await s.read(0)).toEqual([`${long.id}.0`, `${next.id}.0`]);
      });
    });
  });
};
