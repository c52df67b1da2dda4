import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { transactionalId } from '@verdikt/core/record/system.ts';
import type { TaskTransaction, TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import { codeOf, createBench, numbered, type Bench } from '@verdikt/test/support/kafka/transaction-bench.ts';
import { createLink, type Link } from '../client/link.ts';
import type { HangingFound } from './hanging-transactions.ts';
import type { Exchange, Versioned } from '../wire/protocol.ts';
import * as requests from './transaction-requests.ts';

let kafka: LocalKafka;
let bench: Bench;
const run = `forgotten-${Date.now()}`;
beforeAll(async () => {
  // Without the check of partitions a transaction can write where its end is never written, as after the broker's own mistake.
  kafka = await startKafka({ properties: { 'transaction.partition.verification.enable': 'false' } });
  bench = await createBench(kafka.brokers.join(','), run);
});
afterEach(() => bench.closeWriters());
afterAll(async () => {
  await bench.close();
  await kafka.stop();
});

interface Forgetful {
  readonly task: number;
  readonly found: HangingFound[];
  /** While set, the coordinator hears nothing of these topics, and so writes no end to them. */
  forgotten: readonly string[];
  /** How often brokers were asked what is open. */
  asked: number;
  skewMs: number;
  fence(): Promise<TaskTransaction>;
}

/** Writers of one task whose coordinator forgets ends, with a clock that can be put forward. No socket closes. */
const forgetful = (): Forgetful => {
  const task = bench.nextTask();
  const clock: Clock = { now: () => systemClock.now() + f.skewMs, after: systemClock.after };
  const id = transactionalId(bench.words, `${run}-g${task}`, task);
  let producer: requests.Producer = { transactionalId: id, producerId: 0n, producerEpoch: 0 };
  const openLink = (): Link => {
    const link = createLink({ brokers: bench.brokers, clientId: 'writer' });
    const exchange = async <T>(
      node: number,
      versioned: Versioned<T>,
      o?: { timeoutMs?: number },
    ): Promise<T> => {
      let sent = false;
      const answer = await link.exchange<unknown>(
        node,
        (offered): Exchange<unknown> => {
          const asked = versioned(offered) as Exchange<unknown>;
          const name = asked.request.apiName;
          if (name === 'InitProducerId') sent = true;
          if (name !== 'AddPartitionsToTxn' || f.forgotten.length === 0) return asked;
          const kept = [bench.results, bench.small].filter((t) => !f.forgotten.includes(t));
          return kept.length > 0
            ? requests.addPartitions(producer, kept, task)
            : requests.addOffsets(producer, 'nobody');
        },
        o,
      );
      if (sent) {
        const { producerId, producerEpoch } = answer as { producerId: string; producerEpoch: number };
        producer = { ...producer, producerId: BigInt(producerId), producerEpoch };
      }
      return answer as T;
    };
    const send: Link['send'] = (node, request, response, o) => {
      if (request.apiName === 'DescribeProducers') f.asked++;
      return link.send(node, request, response, o);
    };
    return { ...link, send, exchange };
  };
  const outputs = [bench.results, bench.small];
  const options = {
    group: `g${task}`,
    outputs,
    openLink,
    clock,
    hanging: (h: HangingFound) => f.found.push(h),
  };
  const transactions = bench.create(bench.brokers, options);
  const f: Forgetful = {
    ...{ task, found: [], forgotten: [], asked: 0, skewMs: 0 },
    fence: async () => {
      const writer = await transactions.fence(task);
      f.asked = 0;
      return writer;
    },
  };
  return f;
};

/** One number to both outputs, and the offset behind it. */
const numberTo = (n: number, topics = [bench.results, bench.small]): TransactionPlan => ({
  outputs: topics.map((topic) => ({ topic, records: [numbered(n)] })),
  nextOffset: BigInt(n + 1),
});
const seen = async (f: Forgetful): Promise<number[][]> => [
  await bench.numbersIn(f.task),
  await bench.numbersIn(f.task, bench.small),
];

test('nobody is asked while one transaction follows another', async () => {
  const f = forgetful();
  const writer = await f.fence();
  for (let n = 0; n < 5; n++) await writer.commit(numberTo(n));
  expect(f.asked).toBe(0);
});

test('after a pause brokers are asked, and nothing is found where all is in order', async () => {
  const f = forgetful();
  const writer = await f.fence();
  await writer.commit(numberTo(0));
  f.skewMs += 2_000;
  await writer.commit(numberTo(1));
  await writer.commit(numberTo(2));
  expect([f.asked, f.found]).toEqual([2, []]);
  expect(await seen(f)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
});

test.each([
  ['one output', () => [bench.results]],
  ['each output', () => [bench.results, bench.small]],
])('the end that %s lacks is written before the next transaction writes, which fails', async (_, topics) => {
  const f = forgetful();
  const writer = await f.fence();
  f.forgotten = topics();
  await writer.commit(numberTo(0));
  f.forgotten = [];
  f.skewMs += 2_000;
  expect(await codeOf(writer.commit(numberTo(1)))).toBe('TRANSACTION_FAILED');
  expect(f.found).toEqual([{ task: f.task, topics: topics(), offsets: false, commit: true }]);
  expect(await seen(f)).toEqual([[0], [0]]);
  const next = await f.fence();
  expect(f.found).toHaveLength(1);
  expect(await next.committed()).toBe(1n);
  await next.commit(numberTo(1));
  expect(await seen(f)).toEqual([
    [0, 1],
    [0, 1],
  ]);
});

test('a transaction that moves offsets alone looks too', async () => {
  const f = forgetful();
  const writer = await f.fence();
  f.forgotten = [bench.results];
  await writer.commit(numberTo(0));
  f.forgotten = [];
  f.skewMs += 2_000;
  expect(await codeOf(writer.commit({ outputs: [], nextOffset: 5n }))).toBe('TRANSACTION_FAILED');
  expect(await seen(f)).toEqual([[0], [0]]);
  expect(await (await f.fence()).committed()).toBe(1n);
});

test('where no doubt arose the next transaction ends both, and says so before it does', async () => {
  const f = forgetful();
  const writer = await f.fence();
  const first = await writer.commit(numberTo(0));
  f.forgotten = [bench.results];
  await writer.commit(numberTo(1));
  f.forgotten = [];
  let told: readonly string[] | undefined;
  const third = await writer.commit(numberTo(2), (written) => void (told = written.unended));
  expect([told, third.unended, first.unended]).toEqual([[bench.results], [bench.results], undefined]);
  expect(third.offsets).toEqual([[3], [4]]);
  expect(await seen(f)).toEqual([
    [0, 1, 2],
    [0, 1, 2],
  ]);
  expect(f.found).toEqual([]);
});
