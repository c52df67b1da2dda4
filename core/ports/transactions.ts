import type { AcceptedOffset, CommitNote, OffsetMetadata } from '../record/commit-note.ts';
import type { OutRecords } from '../record/record.ts';

/** A committed offset of one more topic. */
export interface TopicOffset {
  readonly topic: string;
  readonly nextOffset: bigint;
}

/** What a slice leads to. All partitions are `task`. */
export interface TransactionPlan {
  readonly outputs: readonly { readonly topic: string; readonly records: OutRecords }[];
  /** Topics that get the marker of the transaction, though it writes no record there. */
  readonly touched?: readonly string[];
  /**
   * New committed offset of `words`, or null to leave it. A task commits it with every plan, if only again, for what goes beside it
   * tells a later owner what became of the plan.
   */
  readonly nextOffset: bigint | null;
  /** New committed offsets of other topics; each at most once, and not `words`. */
  readonly otherOffsets?: readonly TopicOffset[];
  /** What goes beside the offset of `words`: of the state that the plan leaves behind, or that an operator set the offset. */
  readonly note?: CommitNote;
  readonly accepted?: AcceptedOffset;
}

/** Offsets that the log gave to a committed plan, per output (same order, same length as its records). */
export interface Committed {
  readonly offsets: readonly (readonly number[])[];
  /** The latest time at which a log stamped a record of the plan, milliseconds since 1970; -1: none did. */
  readonly appendTime: number;
  /** Outputs that lack the end of the transaction before: this one ends both, and takes one place less there. Default none. */
  readonly unended?: readonly string[];
}

/** Looks at where the records of a plan were written, before the transaction ends. If it throws, the transaction does not commit. */
export type Inspect = (written: Committed) => Promise<void> | void;

/** The transactional writer of one task. Disposable: after any rejection it must be closed and never used again. */
export interface TaskTransaction {
  /** Offset committed for a topic (default `words`), read after the fence; null when none. */
  committed(topic?: string): Promise<bigint | null>;
  /** What was committed beside the offset of `words`, as `committed` found it; `foreign` where there is none. */
  metadata(): Promise<OffsetMetadata>;
  /**
   * Writes the plan and its offsets in one transaction. What `inspect` throws is thrown, and nothing is committed.
   * Rejects with ServiceError: PRODUCER_FENCED (prove ownership before fencing again), COMMIT_UNCONFIRMED (unknown outcome),
   * RECORD_TOO_LARGE (details `topic`, and `output` and `record`: indexes in the plan), ACCESS_DENIED, TRANSACTION_FAILED (nothing visible or unknown). One call at a time.
   */
  commit(plan: TransactionPlan, inspect?: Inspect): Promise<Committed>;
  /**
   * To be called now and then while nothing is committed. Rejects with TRANSACTION_FAILED where a broker was restarted and has
   * forgotten the end of what was committed last: nobody can read that until the task is fenced again. Does nothing beside a commit.
   */
  verify(): Promise<void>;
  /** Gives up the producer without ending its transaction; the next fence aborts it. Never rejects. */
  close(): Promise<void>;
}

/** One transactional.id per task: the last that fenced is the only one that can write for it. */
export interface TaskTransactions {
  /** Fences every older writer of `task` and waits until their outcome is final. One try: rejects with ServiceError. */
  fence(task: number): Promise<TaskTransaction>;
}
