import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Committed, TaskTransaction } from '@verdikt/core/ports/transactions.ts';
import { SENT } from '../wire/protocol.ts';
import { readAll } from '@verdikt/test/support/kafka/read-all.ts';
import { kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import {
  codeOf,
  createBench,
  numbered,
  range,
  type Bench,
} from '@verdikt/test/support/kafka/transaction-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await createBench(kafkaBrokers(process.env), `plan-${Date.now()}`);
});
afterEach(() => bench.closeWriters());
afterAll(() => bench.close());

const SLICE = 10;
const planned = (at: number) => ({
  outputs: [{ topic: bench.results, records: range(at, at + SLICE).map((n) => numbered(n)) }],
  nextOffset: BigInt(at + SLICE),
});

describe('a plan', () => {
  test('with nothing to write sends nothing', async () => {
    const t = await bench.create(bench.proxy.brokers).fence(bench.nextTask());
    const before = Object.values(SENT).map(({ key }) => bench.proxy.seen(key).length);
    await expect(
      t.commit({ outputs: [{ topic: bench.results, records: [] }], nextOffset: null }),
    ).resolves.toEqual({
      offsets: [[]],
      appendTime: -1,
    });
    expect(Object.values(SENT).map(({ key }) => bench.proxy.seen(key).length)).toEqual(before);
  });

  test('of outputs alone or of an offset alone works', async () => {
    const task = bench.nextTask();
    const transactions = bench.create(bench.brokers);
    const t = await transactions.fence(task);
    expect(await t.committed()).toBeNull();
    await t.commit({
      outputs: [{ topic: bench.results, records: range(0, 2).map((n) => numbered(n)) }],
      nextOffset: null,
    });
    await t.commit({ outputs: [], nextOffset: 77n });
    expect(await t.committed()).toBe(77n);
    expect(await (await transactions.fence(task)).committed()).toBe(77n);
    expect(await bench.numbersIn(task)).toEqual([0, 1]);
  });

  test('is told its offsets, per output, across several batches and topics', async () => {
    const records = range(0, 40).map((n) => numbered(n, 1_000));
    /** A busy broker may refuse a batch for now; then once more, on a partition that is untouched. */
    const attempt = async (): Promise<{
      task: number;
      t: TaskTransaction;
      before: number;
      offsets: Committed['offsets'];
    }> => {
      const task = bench.nextTask();
      const t = await bench.create(bench.proxy.brokers, { maxBatchBytes: 5_000 }).fence(task);
      const before = bench.proxy.seen(SENT.Produce.key).length;
      const committing = t.commit({
        outputs: [
          { topic: bench.results, records },
          { topic: bench.small, records: [numbered(0)] },
          { topic: bench.results, records: [numbered(40)] },
          { topic: bench.words, records: [] },
        ],
        nextOffset: 1n,
      });
      const code = await codeOf(committing);
      if (code === 'TRANSACTION_FAILED') return attempt();
      return { task, t, before, offsets: (await committing).offsets };
    };
    const { task, t, before, offsets } = await attempt();
    expect(bench.proxy.seen(SENT.Produce.key).length - before).toBeGreaterThanOrEqual(10);
    expect(offsets).toEqual([range(0, 40), [0], [40], []]);
    const read = await readAll(bench.direct, bench.results, task);
    expect(read.map((r) => r.offset)).toEqual(range(0, 41));
    expect(await bench.numbersIn(task)).toEqual(range(0, 41));
    expect(
      await t.commit({
        outputs: [{ topic: bench.results, records: range(41, 43).map((n) => numbered(n)) }],
        nextOffset: null,
      }),
    ).toEqual({
      // One offset is the commit marker.
      offsets: [[42, 43]],
      appendTime: -1,
    });
  });

  test('a topic that takes less gets smaller batches, then a record too large is named', async () => {
    const task = bench.nextTask();
    const transactions = bench.create(bench.brokers);
    const plan = {
      outputs: [{ topic: bench.small, records: range(0, 100).map((n) => numbered(n, 1_000)) }],
      nextOffset: 100n,
    };
    let tries = 0;
    let outcome = '';
    while (outcome !== 'resolved') {
      const t = await transactions.fence(task);
      outcome = await codeOf(t.commit(plan));
      tries++;
      if (outcome !== 'resolved') expect(outcome).toBe('TRANSACTION_FAILED');
    }
    // Seven halvings; a busy broker may refuse some more for now.
    expect(tries).toBeGreaterThanOrEqual(7);
    expect(await bench.numbersIn(task, bench.small)).toEqual(range(0, 100));
    const t = await transactions.fence(task);
    const large = { outputs: [{ topic: bench.small, records: [numbered(100, 30_000)] }], nextOffset: 101n };
    await expect(t.commit(large)).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
      details: { topic: bench.small, partition: task, output: 0, record: 0 },
    });
    expect(await bench.numbersIn(task, bench.small)).toHaveLength(100);
    expect(await (await transactions.fence(task)).committed()).toBe(100n);
  });

  test('to a topic that is not there fails, and the writer is dead', async () => {
    const t = await bench.create(bench.brokers).fence(bench.nextTask());
    const plan = { outputs: [{ topic: 'no-such-topic', records: [numbered(0)] }], nextOffset: null };
    await expect(t.commit(plan)).rejects.toMatchObject({ code: 'TRANSACTION_FAILED' });
    expect(await codeOf(t.commit(planned(0)))).toBe('TRANSACTION_FAILED');
    expect(await codeOf(t.committed())).toBe('TRANSACTION_FAILED');
  });

  test('one at a time; a closed writer takes none', async () => {
    const task = bench.nextTask();
    const t = await bench.create(bench.brokers).fence(task);
    const first = t.commit(planned(0));
    expect(await codeOf(t.commit(planned(SLICE)))).toBe('TRANSACTION_FAILED');
    await first;
    await t.close();
    expect(await codeOf(t.commit(planned(SLICE)))).toBe('TRANSACTION_FAILED');
    expect(await bench.numbersIn(task)).toEqual(range(0, SLICE));
  });
});
