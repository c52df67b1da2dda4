import type { InRecord, OutRecord } from '@verdikt/core/record.ts';
import { stored } from './records.ts';

/** A producer as the log knows it. */
export interface Writer {
  readonly producerId: number;
  readonly epoch: number;
}

export interface LogEntry {
  readonly kind: 'record' | 'commit-marker' | 'abort-marker';
  readonly offset: number;
  readonly producerId: number;
  readonly epoch: number;
  readonly transactional: boolean;
  readonly timestamp: number;
  /** Of kind `record`, else undefined. */
  readonly record: InRecord | undefined;
  /** Of the transaction it belongs to; what belongs to none is committed. */
  state: 'open' | 'committed' | 'aborted';
}

/**
 * One partition: what Kafka's log does, as plain data. Markers take offsets, so what a reader sees has gaps. Offsets never
 * shrink; trimmed and compacted entries are gone for good.
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
  readonly #listeners = new Set<() => void>();

  constructor(topic: string, partition: number, now: () => number, appendTime: boolean) {
    this.topic = topic;
    this.partition = partition;
    this.#now = now;
    this.#appendTime = appendTime;
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

  /** Records that a reader at read_committed sees, in order. */
  visible(): InRecord[] {
    const out: InRecord[] = [];
    for (let o = this.#start; o < this.stable; o++) {
      const e = this.#entries[o];
      if (e?.record !== undefined && e.state === 'committed') out.push(e.record);
    }
    return out;
  }

  /** Appends one record; `writer` undefined: of no transaction. Returns its offset. */
  append(record: OutRecord, writer: Writer | undefined): number {
    const offset = this.end;
    const timestamp = this.#appendTime ? this.#now() : (record.timestamp ?? this.#now());
    if (writer !== undefined && !this.#open.has(writer.producerId)) this.#open.set(writer.producerId, offset);
    this.#entries.push({
      kind: 'record',
      offset,
      producerId: writer?.producerId ?? -1,
      epoch: writer?.epoch ?? -1,
      transactional: writer !== undefined,
      timestamp,
      record: stored(record, offset, timestamp),
      state: writer === undefined ? 'committed' : 'open',
    });
    this.#changed();
    return offset;
  }

  /** Ends the transaction of a producer here. Kafka writes a marker also where none of its records are. */
  mark(writer: Writer, commit: boolean): void {
    const first = this.#open.get(writer.producerId) ?? this.end;
    for (let o = first; o < this.end; o++) {
      const e = this.#entries[o];
      if (e?.producerId === writer.producerId && e.state === 'open')
        e.state = commit ? 'committed' : 'aborted';
    }
    this.#open.delete(writer.producerId);
    this.#entries.push({
      kind: commit ? 'commit-marker' : 'abort-marker',
      offset: this.end,
      ...writer,
      transactional: true,
      timestamp: this.#now(),
      record: undefined,
      state: commit ? 'committed' : 'aborted',
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
