import type { Compression } from '@verdikt/core/record/compression.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { decodeMetadata } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { systemId, transactionalId } from '@verdikt/core/record/system.ts';
import type { TaskTransaction, TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { COORDINATOR_MOVED } from '../client/at-coordinator.ts';
import { kafkaCode, toServiceError } from '../client/classify.ts';
import { createHangingTransactions, type HangingFound } from './hanging-transactions.ts';
import type { CoordinatorKind, Exchange, Link } from '../client/link.ts';
import type { Versioned } from '../wire/protocol.ts';
import { NOTHING_COMMITTED } from './unfinished-outputs.ts';
import { retrying } from '../client/retry.ts';
import { TaskWriter } from './task-writer.ts';
import { fetchOffset, offsetPending, type CommittedOffset } from '../group/offset-requests.ts';
import * as requests from './transaction-requests.ts';
import { createWriterPool } from '../wire/byte-writer.ts';

export interface TransactionOptions {
  /** Opens a link with sockets of its own: tasks that shared one would wait for each other at the broker. */
  readonly openLink: () => Link;
  /** Group of the system, as configured; see core/record/system.ts. */
  readonly group: string;
  /** The topic whose offsets are committed. */
  readonly words: string;
  /** Topics that the transactions write to; see unfinished-outputs.ts. Default none are looked at. */
  readonly outputs?: readonly string[];
  /** Told when a fence ended outputs that an older transaction left unfinished. */
  readonly hanging?: (found: HangingFound) => void;
  /** After it the coordinator aborts an open transaction; until then a dead owner holds up read_committed readers. Default 15,000. */
  readonly transactionTimeoutMs?: number;
  /** For one request of a transaction. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** How long a fence waits for the outcome of older writers. Default 60,000. */
  readonly fenceTimeoutMs?: number;
  /** Largest batch; below max.message.bytes of the topics, else they are halved until they fit. Default 1,000,000. */
  readonly maxBatchBytes?: number;
  /** How batches are written, by topic. Default none is compressed. */
  readonly compressions?: ReadonlyMap<string, Compression>;
  readonly clock?: Clock;
}

const CONCURRENT = 51;
/** For so long an older transaction may take to end; then its coordinator may as well be one that was deposed and does not know it. */
const ELSEWHERE_MS = 5_000;
/** Of ending what an older transaction holds; one is enough unless brokers move meanwhile. */
const MAX_ROUNDS = 3;

const isConcurrent = (e: unknown): boolean => kafkaCode(e) === CONCURRENT;
const isMoved = (e: unknown): boolean => COORDINATOR_MOVED.has(kafkaCode(e) ?? 0);
const isWaiting = (e: unknown): boolean => isConcurrent(e) || isMoved(e);

/** Transactions of one system; see TaskTransactions. */
export const createTransactions = (options: TransactionOptions): TaskTransactions => {
  const clock = options.clock ?? systemClock;
  const transactionTimeoutMs = options.transactionTimeoutMs ?? 15_000;
  const requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
  const maxBatchBytes = options.maxBatchBytes ?? 1_000_000;
  const { words, compressions = new Map() } = options;
  const group = systemId(words, options.group);
  const writers = createWriterPool();
  const limits = new Map<string, number>();

  const toCoordinator = async <T>(
    link: Link,
    kind: CoordinatorKind,
    key: string,
    exchange: Exchange<T> | Versioned<T>,
  ): Promise<T> => {
    const node = await link.coordinator(kind, key);
    try {
      const versioned = typeof exchange === 'function' ? exchange : (): Exchange<T> => exchange;
      return await link.exchange(node, versioned, { timeoutMs: requestTimeoutMs });
    } catch (e) {
      if (COORDINATOR_MOVED.has(kafkaCode(e) ?? 0)) link.forgetCoordinator(kind, key);
      throw e;
    }
  };

  /** A coordinator that cannot write its own log says CONCURRENT_TRANSACTIONS too, and at once: no socket is ever in doubt. */
  const isWaitingFor = (link: Link, id: string): ((e: unknown) => boolean) => {
    let since = clock.now();
    return (e) => {
      if (isConcurrent(e) && clock.now() - since >= ELSEWHERE_MS) {
        since = clock.now();
        link.doubtCoordinator('transaction', id);
      }
      return isWaiting(e);
    };
  };

  const askGroup = <T>(link: Link, exchange: Exchange<T> | Versioned<T>): Promise<T> =>
    retrying(clock, { fromMs: 20, toMs: 500, forMs: requestTimeoutMs }, isMoved, () =>
      toCoordinator(link, 'group', group, exchange),
    );
  const readOffset = (link: Link, task: number, topic: string): Promise<CommittedOffset> =>
    askGroup(link, fetchOffset(group, topic, task));

  const hanging = createHangingTransactions({
    ...{ clock, group, requestTimeoutMs, toCoordinator, isWaiting },
    outputs: options.outputs ?? [],
    mark: async (link, task) => {
      const { offset, metadata } = await readOffset(link, task, words);
      if (offset === null) return NOTHING_COMMITTED;
      const found = decodeMetadata(metadata);
      return found.kind === 'commit' ? found.mark : undefined;
    },
    pending: (link, task) => askGroup(link, offsetPending(group, words, task)),
    told: (found) => options.hanging?.(found),
  });

  const writer = (link: Link, task: number, producer: requests.Producer): TaskTransaction =>
    new TaskWriter({
      ...{ link, task, producer, group, words, clock, writers, limits },
      ...{ maxBatchBytes, compressions, requestTimeoutMs, transactionTimeoutMs, isConcurrent, isWaiting },
      toCoordinator: (kind, key, exchange) => toCoordinator(link, kind, key, exchange),
      readOffset: (topic) => readOffset(link, task, topic),
      assertNoneHeld: () => hanging.assertNone(link, task, producer),
      commitHeld: () => hanging.commitHeld(link, task, producer),
      openSince: () => hanging.openSince(link, task, producer),
    });

  const fence = async (task: number): Promise<TaskTransaction> => {
    const id = transactionalId(words, options.group, task);
    const link = options.openLink();
    try {
      for (let round = 0; ; round++) {
        // While an older transaction is open or its markers are not all written the answer is CONCURRENT_TRANSACTIONS. Once it
        // is not, no older writer can commit any more and all that one ever committed is visible: offsets may be read.
        const forMs = options.fenceTimeoutMs ?? 60_000;
        const { producerId, producerEpoch } = await retrying(
          clock,
          { fromMs: 5, toMs: 50, forMs },
          isWaitingFor(link, id),
          () => toCoordinator(link, 'transaction', id, requests.initProducerId(id, transactionTimeoutMs)),
        );
        const producer = { transactionalId: id, producerId: BigInt(producerId), producerEpoch };
        if (!(await hanging.end(link, task, producer, round > 0))) return writer(link, task, producer);
        if (round === MAX_ROUNDS)
          throw new ServiceError('TRANSACTION_HANGING', 'an older transaction holds up readers', { task });
      }
    } catch (e) {
      await link.close();
      throw toServiceError(e, 'the task cannot be fenced', { task });
    }
  };

  return { fence };
};
