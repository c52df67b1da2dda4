import '@verdikt/test/support/wipe-given-back.ts';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { endableClock, type EndableClock } from '@verdikt/test/support/endable-clock.ts';
import { logsContract } from '@verdikt/test/engine/contracts/logs.ts';
import { membershipContract } from '@verdikt/test/engine/contracts/membership.ts';
import { producersContract } from '@verdikt/test/engine/contracts/producers.ts';
import { sourceContract } from '@verdikt/test/engine/contracts/source.ts';
import type { LogAccess } from '@verdikt/test/engine/contracts/subject.ts';
import { transactionsContract } from '@verdikt/test/engine/contracts/transactions.ts';
import { plain, type PlainRecord } from '@verdikt/test/support/records.ts';
import { sinkContract } from '@verdikt/test/support/producer/sink-contract.ts';
import { createAdmin } from './admin/admin.ts';
import { createLink, type Link } from './client/link.ts';
import { createLogReader } from './consume/log-reader.ts';
import { createMembership } from './group/membership.ts';
import { SENT } from './wire/protocol.ts';
import { createSink } from './produce/sink.ts';
import { createSource } from './consume/source.ts';
import { createProxy, portsOf, type Proxy } from '@verdikt/test/support/kafka/proxy.ts';
import { rawProducers } from '@verdikt/test/support/kafka/raw-producers.ts';
import { readAll } from '@verdikt/test/support/kafka/read-all.ts';
import { createTopic, deleteTopic, kafkaBrokers } from '@verdikt/test/support/kafka/topic.ts';
import { createTestWriter } from '@verdikt/test/support/kafka/writer.ts';
import { createTransactions } from './transaction/transaction.ts';

const brokers = kafkaBrokers(process.env);
const run = `contracts-${randomUUID().slice(0, 8)}`;
const MAX_BYTES = 20_000;
/** More than any machine takes. */
const REQUEST_MS = 60_000;
let direct: Link;
let proxy: Proxy;
let count = 0;

beforeAll(async () => {
  direct = createLink({ brokers: brokers.split(','), clientId: 'contracts' });
  proxy = await createProxy(portsOf(brokers));
});
afterAll(async () => {
  await proxy?.close();
  await direct?.close();
});

/** A link of its own, for a part under test. */
const link = (via: readonly string[] = brokers.split(','), clock?: Clock): Link =>
  createLink({ brokers: via, clientId: 'contracts', ...(clock && { clock }) });

/** Loses the answer to the next request of this kind; nobody need wait for it. */
const loseAnswer = (apiKey: number, clock: EndableClock): void =>
  void proxy.arm({ apiKey, fault: 'drop-response' }).hit.then(() => clock.endWaits());

const newTopic = async (name: string, config: Readonly<Record<string, string>> = {}): Promise<string> => {
  const topic = `${run}-${count++}-${name}`;
  await createTopic(direct, topic, 2, config);
  // Metadata knows leaders a moment before the brokers know that they lead.
  for (const partition of [0, 1]) await bounds(topic, partition);
  return topic;
};

const read = async (topic: string, partition: number): Promise<PlainRecord[]> =>
  (await readAll(direct, topic, partition)).map(plain);

const access: LogAccess = {
  append: async (topic, partition, records) => {
    const first = await createTestWriter(direct, topic).write(partition, records);
    return records.map((_, i) => first + i);
  },
  open: async (topic, partition, records) => {
    const transaction = await createTestWriter(direct, topic).begin(`${run}-${count++}`);
    const append = async (more: typeof records): Promise<readonly number[]> => {
      const first = await transaction.write(partition, more);
      return more.map((_, i) => first + i);
    };
    const offsets = await append(records);
    // The answer comes before the markers are written; the caller wants to find them.
    const end = async (commit: boolean): Promise<void> => {
      const before = (await bounds(topic, partition)).end;
      await transaction.end(commit);
      while ((await bounds(topic, partition)).end === before);
    };
    return { offsets, append, commit: () => end(true), abort: () => end(false) };
  },
  read,
  trim: (topic, partition, offset) => createAdmin({ link: direct }).trim(topic, partition, offset),
};
const bounds = (topic: string, partition: number): Promise<{ readonly end: number }> =>
  createLogReader({ link: direct }).bounds(topic, partition);

transactionsContract('on Kafka', async () => {
  const topics = {
    words: await newTopic('words'),
    results: await newTopic('results'),
    retry: await newTopic('retry', { 'message.timestamp.type': 'LogAppendTime' }),
  };
  const group = `${run}-${count++}`;
  const clock = endableClock();
  return {
    topics,
    read,
    tooLargeBytes: 1_100_000,
    process: () =>
      createTransactions({
        openLink: () => link(proxy.brokers, clock),
        group,
        words: topics.words,
        requestTimeoutMs: REQUEST_MS,
      }),
    loseCommitAnswer: () => loseAnswer(SENT.EndTxn.key, clock),
    close: () => Promise.resolve(),
  };
});

producersContract('on Kafka', async () => {
  const topic = await newTopic('raw');
  return { ...rawProducers(direct, topic, `${run}-${count++}-`), close: () => Promise.resolve() };
});

sourceContract('on Kafka', async () => {
  const topic = await newTopic('words');
  const source = createSource({ link: link(), topic, maxWaitMs: 50 });
  return { ...access, topic, source, close: () => source.stop() };
});

logsContract('on Kafka', async () => {
  const topic = await newTopic('log');
  const pool = new BytePool(1024 * 1024);
  const own = createLink({ brokers: brokers.split(','), clientId: 'contracts', pool });
  return {
    ...access,
    topic,
    reader: createLogReader({ link: own, pool, scanBytes: 100_000 }),
    trimmer: createAdmin({ link: own }),
    another: async () => {
      const name = `${run}-${count++}-another`;
      await createTopic(direct, name, 1);
      return name;
    },
    again: async (name) => {
      await deleteTopic(direct, name);
      await createTopic(direct, name, 1);
    },
    close: () => own.close(),
  };
});

membershipContract('on Kafka', async () => {
  const topic = `${run}-${count++}-members`;
  await createTopic(direct, topic, 3);
  const group = `${run}-${count++}`;
  const stops: (() => Promise<void>)[] = [];
  return {
    partitions: 3,
    process: () => {
      const links: Link[] = [];
      let dead = false;
      const membership = createMembership({
        openLink: () => {
          const own = link();
          links.push(own);
          if (dead) void own.close();
          return own;
        },
        group,
        topics: [topic],
        partitions: 3,
        sessionTimeoutMs: 6_000,
        heartbeatMs: 200,
      });
      stops.push(() => membership.stop());
      const kill = (): void => {
        dead = true;
        for (const own of links) void own.close();
      };
      return { membership, kill };
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
});
sinkContract('on Kafka', async () => {
  const topic = await newTopic('words', { 'max.message.bytes': String(MAX_BYTES) });
  const clock = endableClock();
  const sink = await createSink({
    link: link(proxy.brokers, clock),
    topic,
    maxBatchBytes: MAX_BYTES,
    maxRecords: 500,
    ...{ deliveryMs: REQUEST_MS, requestTimeoutMs: REQUEST_MS },
  });
  return {
    sink,
    partitions: 2,
    tooLargeBytes: MAX_BYTES + 10_000,
    tooManyRecords: 501,
    read: (partition) => read(topic, partition),
    loseAnswer: () => loseAnswer(SENT.Produce.key, clock),
    close: () => sink.stop(),
  };
});
