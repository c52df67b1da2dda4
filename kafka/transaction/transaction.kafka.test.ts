import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { SENT } from '../wire/protocol.ts';
import { endableClock } from '@verdikt/test/support/endable-clock.ts';
import type { Fault } from '@verdikt/test/support/kafka/proxy.ts';
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
  bench = await createBench(kafkaBrokers(process.env), `transaction-${Date.now()}`);
});
afterEach(() => bench.closeWriters());
afterAll(() => bench.close());

const TOTAL = 60;
const SLICE = 10;
const planned = (at: number, slice = SLICE) => ({
  outputs: [{ topic: bench.results, records: range(at, at + slice).map((n) => numbered(n)) }],
  nextOffset: BigInt(at + slice),
});

/** Writes 0..total in slices. After an error it fences again and goes on where Kafka says. */
const drive = async (
  transactions: TaskTransactions,
  task: number,
  [total, slice] = [TOTAL, SLICE],
): Promise<string[]> => {
  const errors: string[] = [];
  let t = await transactions.fence(task);
  let at = Number((await t.committed()) ?? 0n);
  while (at < total) {
    try {
      await t.commit(planned(at, slice));
      at += slice;
    } catch (e) {
      errors.push((e as { code: string }).code);
      await t.close();
      t = await transactions.fence(task);
      at = Number((await t.committed()) ?? 0n);
    }
  }
  return errors;
};

/** Writers whose answer of this kind is lost once. They need not wait for one that never comes. */
const losing = (api: keyof typeof SENT, fault: Fault) => {
  const clock = endableClock();
  const armed = bench.proxy.arm({ apiKey: SENT[api].key, fault });
  if (fault !== 'cut-after') void armed.hit.then(() => clock.endWaits());
  return { armed, transactions: bench.create(bench.proxy.brokers, {}, clock) };
};

test.each(['gzip', 'zstd'] as const)('what is compressed by %s is written once, in order', async (codec) => {
  const task = bench.nextTask();
  const transactions = bench.create(bench.brokers, { compressions: new Map([[bench.results, codec]]) });
  await drive(transactions, task, [600, 200]);
  expect(await bench.numbersIn(task)).toEqual(range(0, 600));
});

describe('a lost answer', () => {
  const cases = [
    ['AddPartitionsToTxn', 'TRANSACTION_FAILED'],
    ['Produce', 'TRANSACTION_FAILED'],
    ['AddOffsetsToTxn', 'TRANSACTION_FAILED'],
    ['TxnOffsetCommit', 'TRANSACTION_FAILED'],
    ['EndTxn', 'COMMIT_UNCONFIRMED'],
  ] as const;

  test.each(
    cases.flatMap(([api, code]) => [
      [api, 'drop-response', code] as const,
      [api, 'cut-after', code] as const,
    ]),
  )('of %s (%s): every record once', async (api, fault, expected) => {
    const task = bench.nextTask();
    const { armed, transactions } = losing(api, fault);
    const errors = await drive(transactions, task);
    armed.disarm();
    expect(armed.struck).toHaveLength(1);
    expect(errors).toEqual([expected]);
    expect(await bench.numbersIn(task)).toEqual(range(0, TOTAL));
  });

  test('of EndTxn doubles records for one who takes it for a failure', async () => {
    const task = bench.nextTask();
    const { armed, transactions } = losing('EndTxn', 'drop-response');
    const t = await transactions.fence(task);
    await expect(t.commit(planned(0))).rejects.toMatchObject({ code: 'COMMIT_UNCONFIRMED' });
    armed.disarm();
    const again = await transactions.fence(task);
    await again.commit(planned(0));
    expect(await bench.numbersIn(task)).toEqual([...range(0, SLICE), ...range(0, SLICE)]);
  });

  test('a request that never arrives: the offset does not move past what was not written', async () => {
    const task = bench.nextTask();
    const { armed, transactions } = losing('Produce', 'drop-request');
    expect(await drive(transactions, task)).toEqual(['TRANSACTION_FAILED']);
    armed.disarm();
    expect(await bench.numbersIn(task)).toEqual(range(0, TOTAL));
  });
});

describe('two writers of one task', () => {
  test('the older one is fenced, nothing of it is seen', async () => {
    const task = bench.nextTask();
    const transactions = bench.create(bench.brokers);
    const old = await transactions.fence(task);
    await old.commit(planned(0));
    const young = await transactions.fence(task);
    expect(await young.committed()).toBe(BigInt(SLICE));
    expect(await codeOf(old.commit(planned(SLICE)))).toBe('PRODUCER_FENCED');
    expect(await codeOf(old.commit(planned(SLICE)))).toBe('PRODUCER_FENCED');
    await young.commit(planned(SLICE));
    expect(await bench.numbersIn(task)).toEqual(range(0, 2 * SLICE));
  });

  test('an open transaction of the older one is aborted before the younger one reads', async () => {
    const task = bench.nextTask();
    const transactions = bench.create(bench.proxy.brokers);
    const old = await transactions.fence(task);
    const hanging = bench.proxy.arm({ apiKey: SENT.EndTxn.key, fault: 'hold-request' });
    const late = codeOf(old.commit(planned(0)));
    await hanging.hit;
    hanging.disarm();
    const young = await transactions.fence(task);
    expect(await young.committed()).toBeNull();
    hanging.release();
    // Fenced if its request still gets through, unconfirmed if it ran out of time first.
    expect(['PRODUCER_FENCED', 'COMMIT_UNCONFIRMED']).toContain(await late);
    await young.commit(planned(0));
    expect(await bench.numbersIn(task)).toEqual(range(0, SLICE));
  });

  /** The older one commits after the younger one began to fence, and before it has fenced. */
  const overtaken = async (): Promise<number[]> => {
    const task = bench.nextTask();
    const group = `overtaken-${task}`;
    const old = await bench.create(bench.proxy.brokers, { group }).fence(task);
    const end = bench.proxy.arm({ apiKey: SENT.EndTxn.key, fault: 'hold-request' });
    const committing = old.commit(planned(0));
    await end.hit;
    end.disarm();
    const init = bench.proxy.arm({ apiKey: SENT.InitProducerId.key, fault: 'hold-request' });
    const fencing = bench.create(bench.proxy.brokers, { group }).fence(task);
    await init.hit;
    init.disarm();
    end.release();
    await committing;
    init.release();
    const young = await fencing;
    if ((await young.committed()) === null) await young.commit(planned(0));
    return bench.numbersIn(task);
  };

  test('a commit in flight during a hand-over counts once', async () => {
    expect(await overtaken()).toEqual(range(0, SLICE));
  });
});
