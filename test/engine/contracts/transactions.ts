import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CommitNote } from '@verdikt/core/record/commit-note.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { Committed, TaskTransactions, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import { outRecord } from '../../support/records.ts';
import { rejects, rising, type LogAccess } from './subject.ts';

interface TransactionsSubject extends Pick<LogAccess, 'read'> {
  /** Empty topics with at least two partitions; `retry` stamps its records with the time at which they are appended, `results` does not. */
  readonly topics: { readonly words: string; readonly results: string; readonly retry: string };
  /** A record of this size is refused by the topics. */
  readonly tooLargeBytes: number;
  /** TaskTransactions as a process of its own has them. */
  process(): TaskTransactions;
  /** The broker carries out the next commit, but the answer does not arrive. */
  loseCommitAnswer(): void;
  close(): Promise<void>;
}

const note = (live: number): CommitNote => ({
  ...{ partitions: 2, live, print: 3, origins: 4 },
  ids: { words: 'w' },
  ends: { retry: 5 },
});

/** What every TaskTransactions promises. `make` is called before each test. */
export const transactionsContract = (name: string, make: () => Promise<TransactionsSubject>): void => {
  describe(`TaskTransactions: ${name}`, () => {
    let s: TransactionsSubject;
    beforeEach(async () => {
      s = await make();
    });
    afterEach(() => s.close());

    const plan = (
      values: readonly string[],
      nextOffset: bigint | null,
      retry: readonly string[] = [],
    ): TransactionPlan => ({
      outputs: [
        { topic: s.topics.results, records: values.map((value) => outRecord({ key: 'k', value })) },
        { topic: s.topics.retry, records: retry.map((value) => outRecord({ key: 'k', value })) },
      ].filter((o) => o.records.length > 0),
      nextOffset,
    });
    const values = async (topic: string, task = 0): Promise<(string | null)[]> =>
      (await s.read(topic, task)).map((r) => r.value);
    const results = (task = 0): Promise<(string | null)[]> => values(s.topics.results, task);
    const committed = async (task = 0): Promise<bigint | null> => {
      const t = await s.process().fence(task);
      const offset = await t.committed();
      await t.close();
      return offset;
    };

    test('a plan becomes visible whole, with its offset', async () => {
      const t = await s.process().fence(0);
      expect(await t.committed()).toBeNull();
      await t.commit(plan(['a', 'b'], 7n, ['c']));
      expect([await results(), await values(s.topics.retry)]).toEqual([['a', 'b'], ['c']]);
      expect(await results(1)).toEqual([]);
      expect(await committed()).toBe(7n);
      await t.close();
    });

    test('reports the offsets that the log gave, markers of earlier transactions counted', async () => {
      const t = await s.process().fence(0);
      for (let i = 0; i < 3; i++) {
        const done = await t.commit(plan([`a${i}`, `b${i}`], BigInt(i + 1), [`c${i}`]));
        expect(done.offsets.map((o) => o.length)).toEqual([2, 1]);
        for (const [output, topic] of [s.topics.results, s.topics.retry].entries()) {
          const log = await s.read(topic, 0);
          const at = done.offsets[output].map((o) => log.find((r) => r.offset === o)?.value);
          expect(at).toEqual(output === 0 ? [`a${i}`, `b${i}`] : [`c${i}`]);
        }
      }
      await t.close();
    });

    test('keeps key, value, headers and timestamp: null, empty, binary, repeated names, order', async () => {
      const t = await s.process().fence(1);
      const headers = [
        ['b', '2'],
        ['a', null],
        ['b', ''],
        ['ü', 'é'],
      ] as const;
      const records = [
        { key: null, value: null, headers: [] },
        { key: Buffer.alloc(0), value: '', headers },
        {
          key: Buffer.from('k'),
          value: Buffer.from('v'),
          headers: [['x', Buffer.from('y')]] as const,
          timestamp: 1_700_000_000_000,
        },
      ];
      await t.commit({ outputs: [{ topic: s.topics.results, records }], nextOffset: null });
      expect(
        (await s.read(s.topics.results, 1)).map(({ key, value, headers: h }) => ({ key, value, h })),
      ).toEqual([
        { key: null, value: null, h: [] },
        { key: '', value: '', h: headers },
        { key: 'k', value: 'v', h: [['x', 'y']] },
      ]);
      await t.close();
    });

    test('a plan of offsets alone moves them; one without offset leaves them; an empty one does nothing', async () => {
      const t = await s.process().fence(0);
      await t.commit(plan([], 5n));
      await t.commit(plan(['a'], null));
      expect(await t.commit(plan([], null))).toEqual({ offsets: [], appendTime: -1 });
      expect([await committed(), await results()]).toEqual([5n, ['a']]);
      await t.close();
    });

    test('offsets of several topics move with the plan, each read back by its name', async () => {
      const t = await s.process().fence(0);
      expect(await t.committed(s.topics.retry)).toBeNull();
      await t.commit({ ...plan(['a'], 5n), otherOffsets: [{ topic: s.topics.retry, nextOffset: 3n }] });
      expect([await t.committed(), await t.committed(s.topics.retry)]).toEqual([5n, 3n]);
      await t.commit({ ...plan([], null), otherOffsets: [{ topic: s.topics.retry, nextOffset: 4n }] });
      const next = await s.process().fence(0);
      expect([await next.committed(), await next.committed(s.topics.retry)]).toEqual([5n, 4n]);
      await rejects(
        t.commit({ ...plan([], null), otherOffsets: [{ topic: s.topics.retry, nextOffset: 9n }] }),
        'PRODUCER_FENCED',
      );
      expect(await next.committed(s.topics.retry)).toBe(4n);
      await t.close();
      await next.close();
    });

    test('what goes beside the offset of words moves with it, also when the offset stays the same', async () => {
      const t = await s.process().fence(0);
      expect(await t.metadata()).toEqual({ kind: 'foreign' });
      await t.commit({ ...plan(['a'], 5n), note: note(1) });
      await t.commit({ ...plan(['b'], 5n), note: note(2) });
      const next = await s.process().fence(0);
      expect(await next.committed()).toBe(5n);
      expect(await next.metadata()).toMatchObject({ kind: 'commit', note: note(2) });
      await next.commit({ ...plan([], 3n), note: note(3), accepted: { at: 7 } });
      const last = await s.process().fence(0);
      expect([await last.committed(), await last.metadata()]).toEqual([
        3n,
        { kind: 'accepted', accepted: { at: 7 }, note: note(3) },
      ]);
      await Promise.all([t, next, last].map((x) => x.close()));
    });

    test('who looks at where a plan was written can keep it from being committed', async () => {
      const t = await s.process().fence(0);
      const seen: Committed[] = [];
      const done = await t.commit(plan(['a'], 1n), (written) => void seen.push(written));
      expect(seen).toEqual([done]);
      const refused = new ServiceError('TOPIC_TAKEN', 'not here');
      await rejects(
        t.commit(plan(['b'], 2n), () => Promise.reject(refused)),
        'TOPIC_TAKEN',
      );
      await rejects(t.commit(plan(['c'], 3n)), 'TOPIC_TAKEN', 'TRANSACTION_FAILED');
      const next = await s.process().fence(0);
      expect([await next.committed(), await results()]).toEqual([1n, ['a']]);
      await Promise.all([t, next].map((x) => x.close()));
    });

    test('tells the time at which a log that stamps its records took them', async () => {
      const t = await s.process().fence(0);
      expect((await t.commit(plan(['a'], 1n))).appendTime).toBe(-1);
      const { appendTime } = await t.commit(plan(['b'], 2n, ['c']));
      expect((await t.commit(plan([], 3n, ['d']))).appendTime).toBeGreaterThanOrEqual(appendTime);
      expect(appendTime).toBeGreaterThan(0);
      await t.close();
    });

    test('a plan of several megabytes arrives whole and in order', async () => {
      const t = await s.process().fence(0);
      const body = 'x'.repeat(2000);
      const many = rising(2500).map((i) => `${i}:${body}`);
      const done = await t.commit(plan(many, 2500n, ['c']));
      const log = await s.read(s.topics.results, 0);
      expect(log.map((r) => Number(r.value?.split(':')[0]))).toEqual(rising(2500));
      expect(done.offsets[0]).toEqual(log.map((r) => r.offset));
      await t.close();
    });

    test('many transactions in a row, each at once after the other', async () => {
      const t = await s.process().fence(0);
      for (let i = 0; i < 30; i++) await t.commit(plan([String(i)], BigInt(i + 1)));
      expect(await t.committed()).toBe(30n);
      expect(await results()).toEqual(rising(30).map(String));
      await t.close();
    });

    test('a fenced writer is refused and leaves no trace', async () => {
      const zombie = await s.process().fence(0);
      await zombie.commit(plan(['a'], 1n));
      const owner = await s.process().fence(0);
      expect(await owner.committed()).toBe(1n);
      await rejects(zombie.commit(plan(['zombie'], 9n)), 'PRODUCER_FENCED');
      await owner.commit(plan(['b'], 2n));
      expect([await results(), await committed()]).toEqual([['a', 'b'], 2n]);
      await zombie.close();
      await owner.close();
    });

    test('a fence that meets a commit: what committed() says afterwards is what is visible, for good', async () => {
      for (let i = 0; i < 12; i++) {
        const before = await results();
        const older = await s.process().fence(0);
        const running = older.commit(plan([`v${i}`], BigInt(i + 1))).then(
          () => true,
          (e: unknown) => (isServiceError(e) ? false : Promise.reject(e as Error)),
        );
        for (let turn = 0; turn < i; turn++) await nextTurn();
        const newer = await s.process().fence(0);
        const offset = await newer.committed();
        const acknowledged = await running;
        const visible = (await results()).length > before.length;
        expect(offset === BigInt(i + 1)).toBe(visible);
        if (acknowledged) expect(visible).toBe(true);
        await older.close();
        await newer.close();
      }
    });

    test('an unknown outcome is settled by the next fence', async () => {
      const t = await s.process().fence(0);
      await t.commit(plan(['a'], 1n));
      s.loseCommitAnswer();
      await rejects(t.commit(plan(['b'], 2n)), 'COMMIT_UNCONFIRMED');
      const next = await s.process().fence(0);
      expect([await next.committed(), await results()]).toEqual([2n, ['a', 'b']]);
      await next.commit(plan(['c'], 3n));
      expect(await results()).toEqual(['a', 'b', 'c']);
      await t.close();
      await next.close();
    });

    test('a record that is too large: nothing of its plan becomes visible, and the writer is dead', async () => {
      const t = await s.process().fence(0);
      const large = plan(['a'], 1n, ['x'.repeat(s.tooLargeBytes)]);
      // The record is named, so that its writer can write less of it.
      await expect(t.commit(large)).rejects.toMatchObject({
        code: 'RECORD_TOO_LARGE',
        details: { topic: s.topics.retry, output: 1, record: 0 },
      });
      await rejects(t.commit(plan(['b'], 2n)), 'RECORD_TOO_LARGE', 'TRANSACTION_FAILED');
      const next = await s.process().fence(0);
      expect(await next.committed()).toBeNull();
      await next.commit(plan(['c'], 3n));
      expect([await results(), await values(s.topics.retry)]).toEqual([['c'], []]);
      await t.close();
      await next.close();
    });

    test('a dead writer stays dead', async () => {
      const closed = await s.process().fence(0);
      await closed.close();
      await closed.close();
      await rejects(closed.commit(plan(['a'], 1n)), 'TRANSACTION_FAILED');
      const fenced = await s.process().fence(0);
      const owner = await s.process().fence(0);
      await rejects(fenced.commit(plan(['b'], 1n)), 'PRODUCER_FENCED');
      await rejects(fenced.commit(plan(['c'], 1n)), 'PRODUCER_FENCED', 'TRANSACTION_FAILED');
      await rejects(fenced.committed(), 'PRODUCER_FENCED', 'TRANSACTION_FAILED');
      expect(await results()).toEqual([]);
      await fenced.close();
      await owner.close();
    });

    test('close during a commit does not reject, and the next owner finds a clear state', async () => {
      const t = await s.process().fence(0);
      const commit = t.commit(plan(['a'], 1n)).catch(isServiceError);
      await t.close();
      await commit;
      const next = await s.process().fence(0);
      expect(await next.committed()).toBe((await results()).length === 0 ? null : 1n);
      await next.close();
    });

    test('a fence of one task leaves the others alone', async () => {
      const [zero, one] = await Promise.all([s.process().fence(0), s.process().fence(1)]);
      const again = await s.process().fence(1);
      await zero.commit(plan(['a'], 1n));
      await again.commit(plan(['b'], 2n));
      await rejects(one.commit(plan(['c'], 3n)), 'PRODUCER_FENCED');
      expect([await results(0), await results(1)]).toEqual([['a'], ['b']]);
      expect([await committed(0), await committed(1)]).toEqual([1n, 2n]);
      await Promise.all([zero, one, again].map((t) => t.close()));
    });
  });
};
