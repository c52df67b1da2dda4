import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startKafka, type LocalKafka } from '@verdikt/local/kafka.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import type { HangingFound } from './hanging-transactions.ts';
import type { CoordinatorKind } from '../client/link.ts';
import type { Exchange } from '../wire/protocol.ts';
import { retrying } from '../client/retry.ts';
import { kafkaCode } from '../client/classify.ts';
import { encodeMetadata } from '@verdikt/core/record/commit-note.ts';
import { systemId, transactionalId } from '@verdikt/core/record/system.ts';
import { markOf } from './unfinished-outputs.ts';
import { createBench, numbered, range, type Bench } from '@verdikt/test/support/kafka/transaction-bench.ts';
import { produceAll } from './transaction-produce.ts';
import { fetchOffset } from '../group/offset-requests.ts';
import * as requests from './transaction-requests.ts';
import { createWriterPool } from '../wire/byte-writer.ts';

let kafka: LocalKafka;
let bench: Bench;
const run = `hanging-${Date.now()}`;
beforeAll(async () => {
  // Without the check of partitions a transaction can write where its end is never written, as after the broker's own mistake.
  kafka = await startKafka({ properties: { 'transaction.partition.verification.enable': 'false' } });
  bench = await createBench(kafka.brokers.join(','), run);
});
afterAll(async () => {
  await bench.close();
  await kafka.stop();
});

const SENT = [1, 2, 3];
/** A coordinator that is still loading. */
const NOT_NOW = [14, 15, 16, 51];

/** What a coordinator forgets of a transaction over two outputs and the offsets. */
interface Forgotten {
  readonly results: boolean;
  readonly offsets: boolean;
}

/** A transaction of which the coordinator does not know all, so that the rest stays open forever. It aborts as it does for a new owner. */
const leaveOpen = async (
  task: number,
  name: string,
  commit: boolean,
  forgotten: Forgotten,
): Promise<void> => {
  const { direct: link, results, small, words } = bench;
  const id = transactionalId(words, name, task);
  const group = systemId(words, name);
  const toCoordinator = <T>(kind: CoordinatorKind, key: string, e: Exchange<T>): Promise<T> =>
    retrying(
      systemClock,
      { fromMs: 20, toMs: 200, forMs: 120_000 },
      (error) => NOT_NOW.includes(kafkaCode(error) ?? 0),
      async () => link.send(await link.coordinator(kind, key), e.request, e.response),
    );
  const init = await toCoordinator('transaction', id, requests.initProducerId(id, 30_000));
  const producer = {
    transactionalId: id,
    producerId: BigInt(init.producerId),
    producerEpoch: init.producerEpoch,
  };
  await toCoordinator(
    'transaction',
    id,
    requests.addPartitions(producer, forgotten.results ? [small] : [results, small], task),
  );
  const outputs = [results, small].map((topic) => ({ topic, records: SENT.map((n) => numbered(n)) }));
  await produceAll(
    {
      ...{ link, producer, partition: task, sequences: new Map(), limits: new Map() },
      ...{ maxBatchBytes: 100_000, compressions: new Map() },
      ...{ writers: createWriterPool(), timeoutMs: 60_000, now: systemClock.now },
    },
    outputs,
  );
  const counts = new Map(outputs.map((o) => [o.topic, o.records.length]));
  const mark = markOf(producer.producerEpoch, new Map(), counts);
  const metadata = encodeMetadata({ kind: 'commit', mark, note: undefined });
  if (!forgotten.offsets) await toCoordinator('transaction', id, requests.addOffsets(producer, group));
  const offsets = [{ topic: words, nextOffset: 4n, metadata }];
  await toCoordinator('group', group, requests.commitOffsets(producer, group, task, offsets));
  if (commit) await toCoordinator('transaction', id, requests.endTransaction(producer, true));
  else await toCoordinator('transaction', id, requests.initProducerId(id, 30_000));
};

test.each([
  ['records', 'committed', true, { results: true, offsets: false }, SENT, 4n],
  ['records', 'aborted', false, { results: true, offsets: false }, [], null],
  ['offsets', 'committed', true, { results: false, offsets: true }, SENT, 4n],
  ['offsets', 'aborted', false, { results: false, offsets: true }, [], null],
  ['records and offsets', 'committed', true, { results: true, offsets: true }, SENT, 4n],
  ['records and offsets', 'aborted', false, { results: true, offsets: true }, [], null],
] as const)(
  '%s left open by a transaction that was %s end as that did',
  async (_, __, commit, forgotten, seen, offset) => {
    const task = bench.nextTask();
    const group = `g${task}`;
    await leaveOpen(task, `${run}-${group}`, commit, forgotten);
    const found: HangingFound[] = [];
    const transactions = bench.create(bench.brokers, {
      group,
      outputs: [bench.results, bench.small],
      hanging: (f) => found.push(f),
    });
    const t = await transactions.fence(task);
    const topics = forgotten.results ? [bench.results] : [];
    expect(found).toEqual([{ task, topics, offsets: forgotten.offsets, commit }]);
    expect(await bench.numbersIn(task)).toEqual(seen);
    expect(await bench.numbersIn(task, bench.small)).toEqual(seen);
    expect(await t.committed()).toBe(offset);
    await t.commit({ outputs: [{ topic: bench.results, records: [numbered(9)] }], nextOffset: 5n });
    expect(await bench.numbersIn(task)).toEqual([...seen, 9]);
  },
);

test('what is in order is left alone, and each commit leaves its mark', async () => {
  const task = bench.nextTask();
  const found: HangingFound[] = [];
  const options = {
    group: `g${task}`,
    outputs: [bench.results, bench.small],
    hanging: (f: HangingFound) => void found.push(f),
  };
  const t = await bench.create(bench.brokers, options).fence(task);
  await t.commit({
    outputs: [{ topic: bench.results, records: range(0, 3).map((n) => numbered(n)) }],
    nextOffset: 3n,
  });
  await t.commit({ outputs: [{ topic: bench.results, records: [numbered(3)] }], nextOffset: 3n });
  const { link, key } = { link: bench.direct, key: systemId(bench.words, `${run}-g${task}`) };
  const { request, response } = fetchOffset(key, bench.words, task);
  await bench.numbersIn(task);
  const committed = await link.send(await link.coordinator('group', key), request, response);
  expect(committed.offset).toBe(3n);
  expect(JSON.parse(committed.metadata ?? '')).toMatchObject({ last: { [bench.results]: 3 } });
  await bench.create(bench.brokers, options).fence(task);
  expect(found).toEqual([]);
});
