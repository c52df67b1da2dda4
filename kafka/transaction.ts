import type {
  Committed,
  TaskTransaction,
  TaskTransactions,
  TopicOffset,
  TransactionPlan,
} from '@verdikt/processor/ports.ts';
import { systemClock, type Clock } from '@verdikt/core/clock.ts';
import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import { COORDINATOR_MOVED } from './at-coordinator.ts';
import { kafkaCode, toServiceError } from './classify.ts';
import { ALL_GUARDS, type Guards } from './guards.ts';
import type { CoordinatorKind, Exchange, Link } from './link.ts';
import { retrying, type Waits } from './retry.ts';
import { produceAll } from './transaction-produce.ts';
import { createEndHeld, type HeldFound } from './end-held.ts';
import { markOf, markText } from './held-outputs.ts';
import * as requests from './transaction-requests.ts';
import { createWriterPool } from './wire/byte-writer.ts';

export interface TransactionOptions {
  /** Opens a link with sockets of its own: tasks that shared one would wait for each other at the broker. */
  readonly openLink: () => Link;
  readonly group: string;
  /** Stands before the group in the transactional.id; that of the topics. */
  readonly prefix: string;
  /** The topic whose offsets are committed. */
  readonly words: string;
  /** Topics that the transactions write to; see held-outputs.ts. Default none are looked at. */
  readonly outputs?: readonly string[];
  /** Told when a fence ended outputs that an older transaction still held. */
  readonly held?: (found: HeldFound) => void;
  /** After it the coordinator aborts an open transaction; until then a dead owner holds up read_committed readers. Default 15,000. */
  readonly transactionTimeoutMs?: number;
  /** For one request of a transaction. Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** How long a fence waits for the outcome of older writers. Default 60,000. */
  readonly fenceTimeoutMs?: number;
  /** Largest batch; below max.message.bytes of the topics, else they are halved until they fit. Default 1,000,000. */
  readonly maxBatchBytes?: number;
  readonly clock?: Clock;
  /** For tests alone. */
  readonly guards?: Guards;
}

const CONCURRENT = 51;
/** Of ending what an older transaction holds; one is enough unless brokers move meanwhile. */
const MAX_ROUNDS = 3;

/** What `commit` may reject with; any other trouble is TRANSACTION_FAILED with its cause. */
const COMMIT_CODES = new Set<ErrorCode>([
  'PRODUCER_FENCED',
  'COMMIT_UNCONFIRMED',
  'RECORD_TOO_LARGE',
  'ACCESS_DENIED',
  'TRANSACTION_FAILED',
]);

/** The transactional.id of a task. Never changes across releases: it is what a new owner fences the old one by. */
export const transactionalId = (prefix: string, group: string, task: number): string =>
  `${prefix}${group}.${task}`;

/** Transactions of one group over `words`; see TaskTransactions. */
export const createTransactions = (options: TransactionOptions): TaskTransactions => {
  const clock = options.clock ?? systemClock;
  const guards = options.guards ?? ALL_GUARDS;
  const transactionTimeoutMs = options.transactionTimeoutMs ?? 15_000;
  const requestTimeoutMs = options.requestTimeoutMs ?? 10_000;
  const { group, words } = options;
  const writers = createWriterPool();
  const limits = new Map<string, number>();
  let fences = 0;

  const toCoordinator = async <T>(
    link: Link,
    kind: CoordinatorKind,
    key: string,
    exchange: Exchange<T>,
  ): Promise<T> => {
    const node = await link.coordinator(kind, key);
    try {
      return await link.send(node, exchange.request, exchange.response, { timeoutMs: requestTimeoutMs });
    } catch (e) {
      if (COORDINATOR_MOVED.has(kafkaCode(e) ?? 0)) link.forgetCoordinator(kind, key);
      throw e;
    }
  };

  const offsetsOf = (plan: TransactionPlan): readonly TopicOffset[] => [
    ...(plan.nextOffset === null ? [] : [{ topic: words, nextOffset: plan.nextOffset }]),
    ...(plan.otherOffsets ?? []),
  ];

  const waits = (fromMs: number, toMs: number, forMs: number): Waits => ({ fromMs, toMs, forMs });
  const isConcurrent = (e: unknown): boolean => kafkaCode(e) === CONCURRENT;
  const isMoved = (e: unknown): boolean => COORDINATOR_MOVED.has(kafkaCode(e) ?? 0);
  const isWaiting = (e: unknown): boolean => isConcurrent(e) || isMoved(e);

  const readOffset = (link: Link, task: number, topic: string): Promise<requests.CommittedOffset> =>
    retrying(clock, waits(20, 500, requestTimeoutMs), isMoved, () =>
      toCoordinator(link, 'group', group, requests.fetchOffset(group, topic, task)),
    );

  const endHeld = createEndHeld({
    ...{ clock, group, requestTimeoutMs, toCoordinator, isWaiting },
    outputs: options.outputs ?? [],
    metadata: async (link, task) => (await readOffset(link, task, words)).metadata,
    told: (found) => options.held?.(found),
  });

  const fence = async (task: number): Promise<TaskTransaction> => {
    const suffix = guards['stable-transactional-id'] ? '' : `.${fences++}.${clock.now()}`;
    const id = transactionalId(options.prefix, group, task) + suffix;
    const link = options.openLink();
    try {
      const early = guards['fence-before-offsets'] ? undefined : (await readOffset(link, task, words)).offset;
      for (let round = 0; ; round++) {
        // While an older transaction is open or its markers are not all written the answer is CONCURRENT_TRANSACTIONS. Once it
        // is not, no older writer can commit any more and all that one ever committed is visible: offsets may be read.
        const { producerId, producerEpoch } = await retrying(
          clock,
          waits(5, 50, options.fenceTimeoutMs ?? 60_000),
          isWaiting,
          () => toCoordinator(link, 'transaction', id, requests.initProducerId(id, transactionTimeoutMs)),
        );
        const producer = { transactionalId: id, producerId: BigInt(producerId), producerEpoch };
        if (!(await endHeld(link, task, producer))) return writer(link, task, producer, early);
        if (round === MAX_ROUNDS)
          throw new ServiceError('BROKER_UNAVAILABLE', 'an older transaction holds up readers', { task });
      }
    } catch (e) {
      await link.close();
      throw toServiceError(e, 'the task cannot be fenced', { task });
    }
  };

  const writer = (
    link: Link,
    task: number,
    producer: requests.Producer,
    early: bigint | null | undefined,
  ): TaskTransaction => {
    const sequences = new Map<string, number>();
    let dead: ServiceError | undefined;
    let running = false;
    const written = new Map<string, bigint>();
    let read: bigint | null | undefined = early;
    let before = new Map<string, number>();

    const toTransaction = <T>(exchange: Exchange<T>, again: (e: unknown) => boolean): Promise<T> =>
      // The markers of the transaction before may still be under way; that is the usual case under load.
      retrying(clock, waits(2, 20, transactionTimeoutMs / 2), again, () =>
        toCoordinator(link, 'transaction', producer.transactionalId, exchange),
      );

    /** The offset of `words` is committed each time, if only again, for the mark that goes with it. */
    const marked = (plan: TransactionPlan): (TopicOffset & { readonly metadata?: string })[] => {
      const known = plan.nextOffset ?? written.get(words) ?? read;
      const others = offsetsOf({ ...plan, nextOffset: null });
      if (known === null || known === undefined) return [...others];
      const counts = new Map<string, number>();
      for (const { topic, records } of plan.outputs)
        if (records.length > 0) counts.set(topic, (counts.get(topic) ?? 0) + records.length);
      const metadata = markText(markOf(producer.producerEpoch, before, counts));
      return [{ topic: words, nextOffset: known, metadata }, ...others];
    };

    const write = async (plan: TransactionPlan): Promise<Committed> => {
      const topics = [...new Set(plan.outputs.filter((o) => o.records.length > 0).map((o) => o.topic))];
      const produced = async (): Promise<number[][]> => {
        if (topics.length === 0) return plan.outputs.map(() => []);
        await toTransaction(requests.addPartitions(producer, topics, task), isConcurrent);
        return produceAll(
          {
            link,
            writers,
            producer,
            partition: task,
            sequences,
            limits,
            maxBatchBytes: options.maxBatchBytes ?? 1_000_000,
            timeoutMs: requestTimeoutMs,
            now: clock.now,
            verify: guards['verify-produce-response'],
          },
          plan.outputs,
        );
      };
      const moved = async (): Promise<void> => {
        const offsets = marked(plan);
        if (offsets.length === 0) return;
        await toTransaction(requests.addOffsets(producer, group), isConcurrent);
        const { request, response } = requests.commitOffsets(producer, group, task, offsets);
        const node = await link.coordinator('group', group);
        await link.send(node, request, response, { timeoutMs: requestTimeoutMs });
      };
      if (guards['all-answers-before-commit']) {
        const [offsets] = await Promise.all([produced(), moved()]);
        await end();
        return { offsets };
      }
      const offsets = await produced().catch(() => plan.outputs.map((o) => o.records.map(() => -1)));
      await moved();
      await end();
      return { offsets };
    };

    const end = async (): Promise<void> => {
      try {
        // Repeated only on answers that say "not now". Under this epoch the same request can find just three states: still open
        // (it commits), committing (51), committed (fine). It can never end another transaction: the next one is not begun
        // before this call is over.
        await toTransaction(requests.endTransaction(producer, true), isWaiting);
      } catch (e) {
        const error = toServiceError(e, 'the transaction could not be ended', { task });
        // No answer, or one that does not say whether it was done.
        if (error.code === 'PRODUCER_FENCED' || error.code === 'ACCESS_DENIED') throw error;
        if (kafkaCode(e) === 48) throw error;
        throw new ServiceError(
          'COMMIT_UNCONFIRMED',
          'the commit was sent, its outcome is unknown',
          { task },
          error,
        );
      }
    };

    const fail = (e: unknown): ServiceError => {
      const error = toServiceError(e, 'the transaction failed', { task });
      const code = COMMIT_CODES.has(error.code) ? error.code : 'TRANSACTION_FAILED';
      return new ServiceError(code, error.message, { ...error.details, task }, error);
    };

    // No abort is sent after an error. A produce request whose answer was lost may still lie in a queue; after an abort it would
    // arrive outside of any transaction and, on brokers that do not verify, hold up readers for ever. The next fence aborts with
    // a new epoch, which shuts such a request out.
    const kill = async (error: ServiceError): Promise<void> => {
      dead = error;
      await link.close();
    };

    const repair = async (): Promise<void> => {
      sequences.clear();
      for (const [topic, next] of before) sequences.set(topic, next);
      await toTransaction(requests.endTransaction(producer, false), isWaiting).catch(() => undefined);
    };

    return {
      async committed(topic = words) {
        if (dead !== undefined) throw dead;
        // Our own last commit may not be visible yet.
        const ours = written.get(topic);
        if (ours !== undefined) return ours;
        if (early !== undefined && topic === words) return early;
        try {
          const { offset } = await readOffset(link, task, topic);
          if (topic === words) read = offset;
          return offset;
        } catch (e) {
          const error = toServiceError(e, 'the committed offset cannot be read', { task });
          await kill(error);
          throw error;
        }
      },
      async commit(plan) {
        if (dead !== undefined) throw dead;
        if (running)
          throw new ServiceError('TRANSACTION_FAILED', 'a commit is running; one call at a time', { task });
        if (offsetsOf(plan).length === 0 && plan.outputs.every((o) => o.records.length === 0))
          return { offsets: plan.outputs.map(() => []) };
        running = true;
        before = new Map(sequences);
        try {
          const committed = await write(plan);
          for (const { topic, nextOffset } of offsetsOf(plan)) written.set(topic, nextOffset);
          return committed;
        } catch (e) {
          const error = fail(e);
          if (guards['discard-after-error']) await kill(error);
          else await repair();
          throw error;
        } finally {
          running = false;
        }
      },
      async close() {
        dead ??= new ServiceError('TRANSACTION_FAILED', 'the writer is closed', { task });
        await link.close();
      },
    };
  };

  return { fence };
};
