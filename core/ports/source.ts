import type { InRecord } from '../record/record.ts';

/** Who wrote the records from an offset on, up to the next of these. */
export interface Writer {
  readonly from: number;
  /** -1: one without identity. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface Slice {
  /**
   * In order of offset; empty when only control or aborted records were passed. They may be views of bytes that are written over at the
   * next poll of their task, or once it is closed: copy what is kept longer.
   */
  readonly records: readonly InRecord[];
  /** Offset after everything this slice covers, control and aborted records included. */
  readonly nextOffset: bigint;
  /** In order of offset. Undefined where the source does not tell. */
  readonly writers?: readonly Writer[];
}

/** Reads `words` at read_committed, ahead of the tasks, within a memory bound per task. */
export interface RecordSource {
  /** Starts reading task `task` at `nextOffset`. `onReady` runs whenever `poll` may have something new, or an error. */
  open(task: number, nextOffset: bigint, onReady: () => void): void;
  /**
   * The next records of the task, at most `maxRecords` and (past the first) `maxBytes`; undefined when nothing is there yet.
   * Throws ServiceError OFFSET_LOST when the position is no longer in the log, ACCESS_DENIED, TOPIC_INVALID; the task must
   * then be closed and opened again.
   */
  poll(task: number, maxRecords: number, maxBytes: number): Slice | undefined;
  /** Records between the position of the task and the end of its log, as last seen. */
  lag(task: number): number;
  /** Something was read ahead for the task: it need not wait for the broker. */
  readable(task: number): boolean;
  /** Stops reading the task and drops what was read ahead. Unknown task: no-op. */
  close(task: number): void;
  stop(): Promise<void>;
}

/** A source that says how fresh it is: for readers that answer questions rather than do work. */
export interface WatchedSource extends RecordSource {
  /** When the broker was asked that last told the end of the log of the task, milliseconds since 1970; -1: not yet. */
  seenAt(task: number): number;
}
