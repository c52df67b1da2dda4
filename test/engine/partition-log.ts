import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { refusal } from './kafka-answer.ts';
import { afterBatch, afterMarker, checkBatch, type ProducerState } from './producer-state.ts';
import { stored } from '../support/records.ts';

/** A producer as the log knows it. */
export interface Writer {
  readonly producerId: number;
  readonly epoch: number;
}

/** Under which identity a batch is written. */
interface BatchIdentity extends Writer {
  /** Sequence number of its first record. */
  readonly sequence: number;
  readonly transactional: boolean;
}

interface LogEntry {
  readonly kind: 'record' | 'commit-marker' | 'abort-marker';
  readonly offset: number;
  readonly producerId: number;
  readonly epoch: number;
  readonly transactional: boolean;
  readonly timestamp: number;
  /** Of kind `record`, else undefined. */
  readonly record: InRecord | undefined;
}

/** An entry of the list of aborted transactions. */
interface Aborted {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of its marker. */
  readonly lastOffset: number;
}

/**
 * One partition: what Kafka's log does, as plain data. Markers take offsets, so what a reader sees has gaps. Offsets never
 * shrink; trimmed and compacted entries are gone for good. What became of a transaction is told by the list of aborted ones
 * alone, as to a client that fetches.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly #now: () => number;
  readonly #appendTime: boolean;
  #entries: (LogEntry | undefined)[] = [];
  #start = 0;
  /** First offset of each open transaction, by producer. */
  readonly #open = new Map<number, number>();
  /** In order of their ends. */
  readonly #aborted: Aborted[] = [];
  readonly #producers = new Map<number, ProducerState>();
  readonly #listeners = new Set<() => void>();

  constructor(topic: string, partition: number, now: () => number, appendTime: boolean) {
    this.topic = topic;
    this.partition = partition;
    this.#now = now;
    this.#appendTime = appendTime;
  }

  /** Whether records get the time at which they are appended. */
  get stamps(): boolean {
    return this.#appendTime;
  }

  /** First offset that is still there. */
  get start(): number {
    return this.#start;
  }

  /** High watermark: one past the last entry. */
  get end(): number {
    return this.#entries.length;
  }

  /** Last stable offset: the first of the oldest open transaction, else the end. */
  get stable(): number {
    let stable = this.end;
    for (const first of this.#open.values()) if (first < stable) stable = first;
    return stable;
  }

  /** Undefined where nothing is (any more). */
  at(offset: number): LogEntry | undefined {
    return this.#entries[offset];
  }

  /** All that is there, in order. */
  entries(): LogEntry[] {
    return this.#entries.filter((e) => e !== undefined);
  }

  /** Of the transaction that an entry belongs to; what belongs to none is committed. */
  state({ transactional, producerId, offset }: LogEntry): 'open' | 'committed' | 'aborted' {
    if (!transactional) return 'committed';
    if (offset >= (this.#open.get(producerId) ?? Infinity)) return 'open';
    const aborted = this.#aborted.some(
      (a) => a.producerId === producerId && a.firstOffset <= offset && offset <= a.lastOffset,
    );
    return aborted ? 'aborted' : 'committed';
  }

  /** Transactions that were aborted and reach into [from, to), in order of their ends. */
  abortedIn(from: number, to: number): Aborted[] {
    return this.#aborted.filter((a) => a.firstOffset < to && a.lastOffset >= from);
  }

  /** The record at an offset, if a reader at read_committed is handed it; below the last stable offset that is final. */
  committed(offset: number): InRecord | undefined {
    const e = this.#entries[offset];
    return e?.record !== undefined && this.state(e) === 'committed' ? e.record : undefined;
  }

  /** Records that a reader at read_committed sees, in order. */
  visible(): InRecord[] {
    const out: InRecord[] = [];
    for (let o = this.#start; o < this.stable; o++) {
      const record = this.committed(o);
      if (record !== undefined) out.push(record);
    }
    return out;
  }

  /** Whether a transaction of this producer has records here and no marker yet. */
  isOpen(writer: Writer): boolean {
    return this.#open.has(writer.producerId);
  }

  /**
   * Appends a batch; `by` undefined: without identity. Returns its first offset; one of the last five batches of its producer
   * again is answered with the offset that it has. Refuses a stale epoch and sequence numbers that are out of order.
   */
  append(records: readonly OutRecord[], by: BatchIdentity | undefined): number {
    const offset = this.end;
    if (by !== undefined) {
      const { producerId, epoch, sequence } = by;
      const state = this.#producers.get(producerId);
      const check = checkBatch(state, epoch, sequence, records.length);
      const where = { topic: this.topic, partition: this.partition, producerId, epoch, sequence };
      if (check.kind === 'duplicate') return check.offset;
      if (check.kind === 'stale epoch')
        throw refusal('INVALID_PRODUCER_EPOCH', 'the epoch of the batch is not the newest', where);
      if (check.kind === 'out of order')
        throw refusal('OUT_OF_ORDER_SEQUENCE_NUMBER', 'the batch is not the next one', where);
      this.#producers.set(producerId, afterBatch(state, epoch, sequence, records.length, offset));
      if (by.transactional && !this.#open.has(producerId)) this.#open.set(producerId, offset);
    }
    for (const record of records) {
      const timestamp = this.#appendTime ? this.#now() : (record.timestamp ?? this.#now());
      this.#entries.push({
        kind: 'record',
        offset: this.end,
        producerId: by?.producerId ?? -1,
        epoch: by?.epoch ?? -1,
        transactional: by?.transactional ?? false,
        timestamp,
        record: stored(record, this.end, timestamp),
      });
    }
    this.#changed();
    return offset;
  }

  /** Ends the transaction of a producer here. Kafka writes a marker also where none of its records are. */
  mark(writer: Writer, commit: boolean): void {
    const { producerId } = writer;
    const firstOffset = this.#open.get(producerId);
    if (firstOffset !== undefined && !commit)
      this.#aborted.push({ producerId, firstOffset, lastOffset: this.end });
    this.#open.delete(producerId);
    this.#producers.set(producerId, afterMarker(this.#producers.get(producerId), writer.epoch));
    this.#entries.push({
      kind: commit ? 'commit-marker' : 'abort-marker',
      offset: this.end,
      producerId,
      epoch: writer.epoch,
      transactional: true,
      timestamp: this.#now(),
      record: undefined,
    });
    this.#changed();
  }

  /** Deletes everything before `offset` (at most up to the end). Never moves back. */
  trim(offset: number): void {
    const to = Math.min(offset, this.end);
    for (let o = this.#start; o < to; o++) this.#entries[o] = undefined;
    this.#start = Math.max(this.#start, to);
    this.#changed();
  }

  /** Takes out one entry, as compaction does: the log start stays. */
  compact(offset: number): void {
    this.#entries[offset] = undefined;
  }

  /** Called after every change. Returns its end. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
