import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { ServiceError } from '@verdikt/core/errors.ts';
import { refusal } from './kafka-answer.ts';
import type { PartitionLog, Writer } from './partition-log.ts';

/** `ending`: the outcome is decided and logged, the markers are not all written. */
type TransactionState = 'empty' | 'ongoing' | 'ending';

export interface OffsetMove {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: bigint;
  /** Beside the offset; null: none. */
  readonly metadata?: string | null;
}
/** `at`: its place among all commits of offsets, as they were written. */
export type WrittenMove = OffsetMove & { readonly at: number };

interface Transactional {
  producerId: number;
  epoch: number;
  timeoutMs: number;
  state: TransactionState;
  /** How the last transaction under this epoch ended; undefined: none has, or one is open. */
  ended: boolean | undefined;
  logs: Set<PartitionLog>;
  moves: WrittenMove[];
  cancelTimeout: () => void;
  waiting: (() => void)[];
}

export interface CoordinatorDeps {
  readonly clock: Clock;
  /** Applies offsets that became visible. */
  readonly moved: (move: WrittenMove) => void;
  /** See WrittenMove. */
  readonly nextAt: () => number;
  /** Called with the writing of the markers, once the outcome is decided. Calling it later delays them, as Kafka may. */
  readonly markers: (write: () => void) => void;
  readonly timedOut: (id: string) => void;
  /** The markers that are never written, as when a broker alone is killed while its coordinator writes them. */
  readonly forgets: (id: string, logs: readonly PartitionLog[]) => Forgotten;
}

interface Forgotten {
  readonly logs: readonly PartitionLog[];
  readonly offsets: boolean;
}

/** Offsets that wait for the next end of a transaction of their producer. */
interface Pending {
  readonly moves: readonly WrittenMove[];
  /** How they were to end. */
  readonly commit: boolean;
}

/**
 * Transactions as Kafka's coordinator keeps them: per transactional id a producer id, an epoch and at most one transaction.
 * Synchronous; each method is one request. Throws ServiceError as a client would classify the answer.
 */
export class TransactionCoordinator {
  readonly #deps: CoordinatorDeps;
  readonly #ids = new Map<string, Transactional>();
  /** Logs in which the end of a transaction was never written, with how it was to end. */
  readonly #forgotten = new Map<PartitionLog, Writer & { readonly commit: boolean }>();
  /** Offsets of transactions whose end was never written there, by producer id. */
  readonly #pending = new Map<number, Pending>();
  #nextProducerId = 1000;

  constructor(deps: CoordinatorDeps) {
    this.#deps = deps;
  }

  /**
   * InitProducerId: a new epoch, which shuts out all older ones. While an older transaction is not wholly over the answer is
   * undefined (CONCURRENT_TRANSACTIONS): see `taken`.
   */
  init(id: string, timeoutMs: number): Writer | undefined {
    let t = this.#ids.get(id);
    if (t === undefined) {
      t = {
        producerId: this.#nextProducerId++,
        epoch: -1,
        timeoutMs,
        state: 'empty',
        ended: undefined,
        logs: new Set(),
        moves: [],
        cancelTimeout: nothing,
        waiting: [],
      };
      this.#ids.set(id, t);
    }
    if (t.state === 'ongoing') {
      t.epoch++;
      this.#decide(id, t, false);
    }
    if ((t.state as TransactionState) === 'ending') return undefined;
    t.epoch++;
    t.ended = undefined;
    t.timeoutMs = timeoutMs;
    return { producerId: t.producerId, epoch: t.epoch };
  }

  /** InitProducerId without a transactional id: idempotence alone. */
  initIdempotent(): Writer {
    return { producerId: this.#nextProducerId++, epoch: 0 };
  }

  /** Resolves when the transaction that `init` or `begin` stumbled over is wholly over. */
  settled(id: string): Promise<void> {
    const t = this.#ids.get(id);
    return t?.state === 'ending' ? new Promise((resolve) => t.waiting.push(resolve)) : Promise.resolve();
  }

  /** Repeats a request for as long as its answer (false or undefined) says that an older transaction is not wholly over. */
  async taken<T>(id: string, request: () => T | false | undefined): Promise<T> {
    for (;;) {
      const answer = request();
      if (answer !== false && answer !== undefined) return answer;
      await this.settled(id);
    }
  }

  /** AddPartitionsToTxn; begins a transaction where none is open. False: markers of the last one are still missing. */
  begin(id: string, writer: Writer, logs: readonly PartitionLog[]): boolean {
    const t = this.#current(id, writer);
    if (t.state === 'ending') return false;
    this.#open(t, id);
    for (const log of logs) t.logs.add(log);
    return true;
  }

  /** Produce: refused unless the partition is part of the open transaction. */
  checkWrite(id: string, writer: Writer, log: PartitionLog): void {
    const t = this.#current(id, writer);
    if (t.state !== 'ongoing' || !t.logs.has(log)) throw invalidState(id, t.state);
  }

  /** AddOffsetsToTxn and TxnOffsetCommit: pending until the transaction commits. False: as `begin`. */
  addOffset(id: string, writer: Writer, move: OffsetMove): boolean {
    const t = this.#current(id, writer);
    if (t.state === 'ending') return false;
    this.#open(t, id);
    t.moves.push({ ...move, at: this.#deps.nextAt() });
    return true;
  }

  /**
   * EndTxn. From here on the outcome is final, also if nobody hears the answer; the same end again is answered alike. False: as
   * `begin`.
   */
  end(id: string, writer: Writer, commit: boolean): boolean {
    const t = this.#current(id, writer);
    if (t.state !== 'ongoing' && t.ended !== commit) throw invalidState(id, t.state);
    if (t.state === 'ending') return false;
    if (t.state === 'ongoing') this.#decide(id, t, commit);
    return true;
  }

  /** Whether logs or offsets (default: of any producer) wait for an end that was forgotten. */
  holds(writer?: Writer): boolean {
    if (writer === undefined ? this.#pending.size > 0 : this.#pending.has(writer.producerId)) return true;
    return [...this.#forgotten.values()].some((f) => f.producerId === (writer ?? f).producerId);
  }

  /** Ends what was forgotten of this producer, as it was to end: what a new owner does. */
  endForgotten(writer: Writer): void {
    for (const [log, { producerId, commit }] of this.#forgotten) {
      if (producerId === writer.producerId) this.#mark(log, writer, commit);
    }
    const pending = this.#pending.get(writer.producerId);
    if (pending !== undefined) this.#endOffsets(writer.producerId, [], pending.commit);
  }

  state(id: string): TransactionState {
    return this.#ids.get(id)?.state ?? 'empty';
  }

  epoch(id: string): number {
    return this.#ids.get(id)?.epoch ?? -1;
  }

  #open(t: Transactional, id: string): void {
    if (t.state !== 'empty') return;
    t.state = 'ongoing';
    t.ended = undefined;
    const epoch = t.epoch;
    t.cancelTimeout = this.#deps.clock.after(t.timeoutMs, () => {
      if (t.state !== 'ongoing' || t.epoch !== epoch || this.#ids.get(id) !== t) return;
      t.epoch++;
      this.#deps.timedOut(id);
      this.#decide(id, t, false);
    });
  }

  #decide(id: string, t: Transactional, commit: boolean): void {
    t.cancelTimeout();
    t.state = 'ending';
    t.ended = commit;
    const { logs, moves } = t;
    const writer = { producerId: t.producerId, epoch: t.epoch };
    t.logs = new Set();
    t.moves = [];
    this.#deps.markers(() => {
      const open = [...logs].filter((log) => log.isOpen(writer));
      const forgotten = this.#deps.forgets(id, open);
      for (const log of logs) {
        if (forgotten.logs.includes(log)) this.#forgotten.set(log, { ...writer, commit });
        else this.#mark(log, writer, commit);
      }
      if (moves.length > 0) {
        if (forgotten.offsets) this.#pending.set(writer.producerId, { moves, commit });
        else this.#endOffsets(writer.producerId, moves, commit);
      }
      t.state = 'empty';
      const { waiting } = t;
      t.waiting = [];
      for (const wake of waiting) wake();
    });
  }

  /** One marker ends all that is open of a producer. */
  #mark(log: PartitionLog, writer: Writer, commit: boolean): void {
    if (this.#forgotten.get(log)?.producerId === writer.producerId) this.#forgotten.delete(log);
    log.mark(writer, commit);
  }

  /** The same of what is pending of it. */
  #endOffsets(producerId: number, moves: readonly WrittenMove[], commit: boolean): void {
    const before = this.#pending.get(producerId)?.moves ?? [];
    this.#pending.delete(producerId);
    if (commit) [...before, ...moves].forEach(this.#deps.moved);
  }

  #current(id: string, writer: Writer): Transactional {
    const t = this.#ids.get(id);
    if (t === undefined || t.producerId !== writer.producerId || t.epoch !== writer.epoch)
      throw refusal('INVALID_PRODUCER_EPOCH', `${id}: epoch ${writer.epoch} is not the newest`, {
        id,
        ...writer,
      });
    return t;
  }
}

const nothing = (): void => undefined;
const invalidState = (id: string, state: string): ServiceError =>
  refusal('INVALID_TXN_STATE', `${id}: not possible in state ${state}`, { id, state });
