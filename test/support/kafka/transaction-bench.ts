import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { TaskTransaction, TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { createLink, type Link } from '../../../kafka/client/link.ts';
import { createTransactions, type TransactionOptions } from '../../../kafka/transaction/transaction.ts';
import { createProxy, portsOf, type Proxy } from './proxy.ts';
import { readAll } from './read-all.ts';
import { createTopic } from './topic.ts';

/** Topics, a proxy and writers for the tests of transactions. */
export interface Bench {
  readonly words: string;
  readonly results: string;
  /** Takes batches of 20,000 bytes at most. */
  readonly small: string;
  readonly brokers: readonly string[];
  readonly direct: Link;
  readonly proxy: Proxy;
  /** Each test has a partition, and so a log, of its own. */
  nextTask(): number;
  /** Writers of a group of their own unless `options.group` names one; closed by `closeWriters`. `clock`: of their links. */
  create(via: readonly string[], options?: Partial<TransactionOptions>, clock?: Clock): TaskTransactions;
  /** The numbers that a read_committed reader sees. */
  numbersIn(task: number, topic?: string): Promise<number[]>;
  closeWriters(): Promise<void>;
  close(): Promise<void>;
}

const PARTITIONS = 30;
/** More than any machine takes: a test of an answer that never comes ends the wait for it. */
const REQUEST_MS = 60_000;

export const createBench = async (brokers: string, run: string): Promise<Bench> => {
  const [words, results, small] = [`${run}-words`, `${run}-results`, `${run}-small`];
  const direct = createLink({ brokers: brokers.split(','), clientId: 'reader' });
  await createTopic(direct, words, PARTITIONS);
  await createTopic(direct, results, PARTITIONS);
  await createTopic(direct, small, PARTITIONS, { 'max.message.bytes': '20000' });
  const proxy = await createProxy(portsOf(brokers));
  const open: TaskTransaction[] = [];
  let groups = 0;
  let tasks = 0;

  const create: Bench['create'] = (via, options = {}, clock = systemClock) => {
    const transactions = createTransactions({
      openLink: () => createLink({ brokers: via, clientId: 'writer', clock }),
      ...{ words, requestTimeoutMs: REQUEST_MS },
      ...options,
      group: `${run}-${options.group ?? ++groups}`,
    });
    return {
      fence: async (task) => {
        const t = await transactions.fence(task);
        open.push(t);
        return t;
      },
    };
  };
  const closeWriters = async (): Promise<void> => {
    for (const t of open.splice(0)) await t.close();
  };
  // The first use of transactions creates the internal topic of the cluster.
  await create(brokers.split(',')).fence(0);
  await closeWriters();
  return {
    words,
    results,
    small,
    brokers: brokers.split(','),
    direct,
    proxy,
    nextTask: () => ++tasks,
    create,
    numbersIn: async (task, topic = results) =>
      (await readAll(direct, topic, task)).map((r) => Number(r.value?.toString('utf8'))),
    closeWriters,
    close: async () => {
      await proxy.close();
      await direct.close();
    },
  };
};

/** A record whose value is that number, padded to `size` bytes. */
export const numbered = (n: number, size = 0): OutRecord => ({
  key: Buffer.from('k'),
  value: `${n}`.padEnd(size, ' '),
  headers: [],
});
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);
/** The code that it rejects with, or 'resolved'. */
export const codeOf = (p: Promise<unknown>): Promise<string> =>
  p.then(
    () => 'resolved',
    (e: { code: string }) => e.code,
  );
