import type { Compression } from '@verdikt/core/record/compression.ts';
import { decodeMetadata, encodeMetadata, type OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';
import type {
  Committed,
  Inspect,
  TaskTransaction,
  TopicOffset,
  TransactionPlan,
} from '@verdikt/core/ports/transactions.ts';
import { kafkaCode, toServiceError } from '../client/classify.ts';
import { Doubt, type Begun } from './doubt.ts';
import { markOf } from './unfinished-outputs.ts';
import type { CoordinatorKind, Exchange, Link } from '../client/link.ts';
import { retrying, type Waits } from '../client/retry.ts';
import { produceAll } from './transaction-produce.ts';
import type { CommittedOffset } from '../group/offset-requests.ts';
import * as requests from './transaction-requests.ts';
import type { WriterPool } from '../wire/byte-writer.ts';

export interface TaskWriterDeps {
  readonly link: Link;
  readonly task: number;
  readonly producer: requests.Producer;
  readonly group: string;
  readonly words: string;
  readonly clock: Clock;
  readonly writers: WriterPool;
  /** See ProduceDeps; of all writers. */
  readonly limits: Map<string, number>;
  readonly maxBatchBytes: number;
  /** See ProduceDeps. */
  readonly compressions: ReadonlyMap<string, Compression>;
  readonly requestTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  readonly toCoordinator: <T>(kind: CoordinatorKind, key: string, exchange: Exchange<T>) => Promise<T>;
  readonly readOffset: (topic: string) => Promise<CommittedOffset>;
  /** See HangingTransactions. */
  readonly assertNoneHeld: () => Promise<void>;
  readonly commitHeld: () => Promise<void>;
  readonly openSince: () => Promise<ReadonlyMap<string, number>>;
  readonly isConcurrent: (e: unknown) => boolean;
  readonly isWaiting: (e: unknown) => boolean;
}

/** What `commit` may reject with; any other trouble is TRANSACTION_FAILED with its cause. */
const COMMIT_CODES = new Set<ErrorCode>([
  'PRODUCER_FENCED',
  'COMMIT_UNCONFIRMED',
  'RECORD_TOO_LARGE',
  'ACCESS_DENIED',
  'TRANSACTION_FAILED',
  'TRANSACTION_HANGING',
  'OFFSET_LOST',
  'TOPIC_TAKEN',
  'TOPIC_CHANGED',
]);

const waits = (fromMs: number, toMs: number, forMs: number): Waits => ({ fromMs, toMs, forMs });

type MarkedOffset = TopicOffset & { readonly metadata?: string };

/** The transactions of one producer that has fenced; see TaskTransaction. */
export class TaskWriter implements TaskTransaction {
  readonly #d: TaskWriterDeps;
  readonly #sequences = new Map<string, number>();
  /** Sequence numbers before the transaction that runs. */
  #before = new Map<string, number>();
  /** Offsets that this writer has committed. */
  readonly #moved = new Map<string, bigint>();
  #words: CommittedOffset | undefined;
  #dead: ServiceError | undefined;
  #running = false;
  /** Where the last record of each output lies that this writer has committed. */
  readonly #last = new Map<string, number>();
  readonly #doubt: Doubt;
  #verifying: Promise<void> | undefined;

  constructor(d: TaskWriterDeps) {
    this.#d = d;
    this.#doubt = new Doubt(d.clock, () => d.link.closures());
  }

  async committed(topic = this.#d.words): Promise<bigint | null> {
    if (this.#dead !== undefined) throw this.#dead;
    // Our own last commit may not be visible yet.
    const ours = this.#moved.get(topic);
    if (ours !== undefined) return ours;
    return (await this.#read(topic)).offset;
  }

  async metadata(): Promise<OffsetMetadata> {
    if (this.#dead !== undefined) throw this.#dead;
    return decodeMetadata((await this.#read(this.#d.words)).metadata);
  }

  async commit(plan: TransactionPlan, inspect?: Inspect): Promise<Committed> {
    const { task } = this.#d;
    if (this.#dead !== undefined) throw this.#dead;
    if (this.#running)
      throw new ServiceError('TRANSACTION_FAILED', 'a commit is running; one call at a time', { task });
    if (this.#offsetsOf(plan).length === 0 && plan.outputs.every((o) => o.records.length === 0))
      return { offsets: plan.outputs.map(() => []), appendTime: -1 };
    this.#running = true;
    this.#before = new Map(this.#sequences);
    try {
      await this.#verifying;
      const begun = this.#doubt.begin();
      const committed = await this.#write(plan, inspect, begun);
      this.#doubt.ended(begun);
      this.#remember(plan, committed);
      return committed;
    } catch (e) {
      const error = this.#failure(e);
      await this.#kill(error);
      throw error;
    } finally {
      this.#running = false;
    }
  }

  async verify(): Promise<void> {
    if (this.#dead !== undefined || this.#running || !this.#doubt.arises()) return;
    this.#verifying ??= this.#doubt
      .settle(this.#d.assertNoneHeld)
      // Whatever else goes wrong is no finding: it is looked at again.
      .catch(async (e: unknown) => {
        if (!isServiceError(e, 'TRANSACTION_FAILED')) return;
        await this.#kill(e);
        throw e;
      })
      .finally(() => (this.#verifying = undefined));
    await this.#verifying;
  }

  async close(): Promise<void> {
    this.#dead ??= new ServiceError('TRANSACTION_FAILED', 'the writer is closed', { task: this.#d.task });
    await this.#d.link.close();
  }

  async #read(topic: string): Promise<CommittedOffset> {
    const isWords = topic === this.#d.words;
    if (isWords && this.#words !== undefined) return this.#words;
    try {
      const found = await this.#d.readOffset(topic);
      if (isWords) this.#words = found;
      return found;
    } catch (e) {
      const error = toServiceError(e, 'the committed offset cannot be read', { task: this.#d.task });
      await this.#kill(error);
      throw error;
    }
  }

  async #write(plan: TransactionPlan, inspect: Inspect | undefined, begun: Begun): Promise<Committed> {
    const { task, producer, group } = this.#d;
    const written = plan.outputs.filter((o) => o.records.length > 0).map((o) => o.topic);
    const topics = [...new Set([...written, ...(plan.touched ?? [])])];
    const offsets = this.#marked(plan);
    const begin = (exchange: Exchange<unknown>): Promise<unknown> =>
      this.#toTransaction(exchange, this.#d.isConcurrent);
    const joined = topics.length === 0 ? undefined : begin(requests.addPartitions(producer, topics, task));
    const moved = offsets.length === 0 ? undefined : begin(requests.addOffsets(producer, group));
    // Nothing is written before this is known: after that, a failure would abort what was committed.
    const clear = this.#clear(joined ?? moved, begun);
    const [found] = await Promise.all([
      clear.then(() => this.#produce(plan)),
      Promise.all([clear, moved]).then(() => this.#move(offsets)),
    ]);
    const committed = await this.#withUnended(plan, found);
    await inspect?.(committed);
    await this.#end();
    return committed;
  }

  /** Resolves once the transaction has begun and none before it is left open. */
  async #clear(beginning: Promise<unknown> | undefined, begun: Begun): Promise<void> {
    await beginning;
    if (this.#doubt.arises(begun)) await this.#doubt.settle(this.#d.commitHeld);
  }

  #produce({ outputs }: TransactionPlan): Promise<Committed> {
    const { task, producer, link, writers, limits, maxBatchBytes, compressions } = this.#d;
    return produceAll(
      {
        ...{ link, writers, producer, limits, maxBatchBytes, compressions },
        ...{ partition: task, sequences: this.#sequences },
        timeoutMs: this.#d.requestTimeoutMs,
        now: this.#d.clock.now,
      },
      outputs,
    );
  }

  async #move(offsets: readonly MarkedOffset[]): Promise<void> {
    const { producer, group, task, link, requestTimeoutMs } = this.#d;
    if (offsets.length === 0) return;
    const { request, response } = requests.commitOffsets(producer, group, task, offsets);
    const node = await link.coordinator('group', group);
    await link.send(node, request, response, { timeoutMs: requestTimeoutMs });
  }

  /** Where no doubt arose, the end may be missing all the same: then records follow those of the transaction before at once. */
  async #withUnended({ outputs }: TransactionPlan, written: Committed): Promise<Committed> {
    const lasts = new Map<string, number>();
    outputs.forEach(({ topic }, i) => {
      const last = this.#last.get(topic);
      if (last !== undefined && written.offsets[i]?.[0] === last + 1) lasts.set(topic, last);
    });
    if (lasts.size === 0) return written;
    const since = await this.#d.openSince();
    const unended = [...lasts].filter(([topic, last]) => (since.get(topic) ?? Infinity) <= last);
    return { ...written, unended: unended.map(([topic]) => topic) };
  }

  #remember(plan: TransactionPlan, { offsets }: Committed): void {
    for (const { topic, nextOffset } of this.#offsetsOf(plan)) this.#moved.set(topic, nextOffset);
    plan.outputs.forEach(({ topic }, i) => {
      const last = offsets[i]?.at(-1);
      if (last !== undefined) this.#last.set(topic, last);
    });
  }

  #offsetsOf(plan: TransactionPlan): readonly TopicOffset[] {
    return [
      ...(plan.nextOffset === null ? [] : [{ topic: this.#d.words, nextOffset: plan.nextOffset }]),
      ...(plan.otherOffsets ?? []),
    ];
  }

  #marked(plan: TransactionPlan): readonly MarkedOffset[] {
    const { words } = this.#d;
    return this.#offsetsOf(plan).map((o) =>
      o.topic === words ? { ...o, metadata: this.#metadataOf(plan) } : o,
    );
  }

  #metadataOf({ outputs, note, accepted }: TransactionPlan): string {
    if (accepted !== undefined) return encodeMetadata({ kind: 'accepted', accepted, note });
    const counts = new Map<string, number>();
    for (const { topic, records } of outputs)
      if (records.length > 0) counts.set(topic, (counts.get(topic) ?? 0) + records.length);
    const mark = markOf(this.#d.producer.producerEpoch, this.#before, counts);
    return encodeMetadata({ kind: 'commit', mark, note });
  }

  async #end(): Promise<void> {
    const { task, producer } = this.#d;
    try {
      // Repeated only on answers that say "not now". Under this epoch the same request can find just three states: still open
      // (it commits), committing (51), committed (fine). It can never end another transaction: the next one is not begun
      // before this call is over.
      await this.#toTransaction(requests.endTransaction(producer, true), this.#d.isWaiting);
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
  }

  #toTransaction<T>(exchange: Exchange<T>, again: (e: unknown) => boolean): Promise<T> {
    const { clock, transactionTimeoutMs, toCoordinator, producer } = this.#d;
    // The markers of the transaction before may still be under way; that is the usual case under load.
    return retrying(clock, waits(2, 20, transactionTimeoutMs / 2), again, () =>
      toCoordinator('transaction', producer.transactionalId, exchange),
    );
  }

  #failure(e: unknown): ServiceError {
    const { task } = this.#d;
    const error = toServiceError(e, 'the transaction failed', { task });
    const code = COMMIT_CODES.has(error.code) ? error.code : 'TRANSACTION_FAILED';
    return new ServiceError(code, error.message, { ...error.details, task }, error);
  }

  // No abort is sent after an error. A produce request whose answer was lost may still lie in a queue; after an abort it would
  // arrive outside of any transaction and, on brokers that do not verify, hold up readers forever. The next fence aborts with
  // a new epoch, which shuts such a request out.
  async #kill(error: ServiceError): Promise<void> {
    this.#dead = error;
    await this.#d.link.close();
  }
}
