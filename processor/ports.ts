import type { AcceptedOffset, CommitNote, OffsetMetadata } from '@verdikt/core/commit-note.ts';
import type { ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord, OutRecord } from '@verdikt/core/record.ts';

/** What the group coordinator gave us. A newer generation replaces the older one whole. */
export interface Assignment {
  readonly generation: number;
  readonly tasks: readonly number[];
  /** Members of this system, this one included, and its tasks; undefined where the leader does not say. */
  readonly group?: { readonly members: number; readonly tasks: number } | undefined;
}

export interface MembershipListener {
  /** Called after every join, also when nothing changed. Must not throw. */
  assigned(assignment: Assignment): void;
  /** We are no longer a member (expelled, session lost): nothing we own may be trusted. A rejoin follows by itself. */
  lost(): void;
  /** The group belongs to others (GROUP_TAKEN): we get no task. It is asked again by itself. */
  refused(error: ServiceError): void;
}

/** Membership in the consumer group: who owns which task. Liveness only; safety is the fence of `TaskTransactions`. */
export interface Membership {
  /** Joins and stays in the group, heartbeating on its own timer. Resolves after the first assignment that is not refused. */
  start(listener: MembershipListener): Promise<void>;
  /** True when a heartbeat sent after this call proves that we are still a member of the generation that owns `task`. */
  owns(task: number): Promise<boolean>;
  /** Leaves the group. Safe to call twice. */
  stop(): Promise<void>;
}

export interface Slice {
  /** In order of offset; empty when only control or aborted records were passed. */
  readonly records: readonly InRecord[];
  /** Offset after everything this slice covers, control and aborted records included. */
  readonly nextOffset: bigint;
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
  /** Stops reading the task and drops what was read ahead. Unknown task: no-op. */
  close(task: number): void;
  stop(): Promise<void>;
}

/** A committed offset of one more topic. */
export interface TopicOffset {
  readonly topic: string;
  readonly nextOffset: bigint;
}

/** What a slice leads to. All partitions are `task`. */
export interface TransactionPlan {
  readonly outputs: readonly { readonly topic: string; readonly records: readonly OutRecord[] }[];
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

/** One transactional.id per task: whoever fenced last is the only one that can write for it. */
export interface TaskTransactions {
  /** Fences every older writer of `task` and waits until their outcome is final. One try: rejects with ServiceError. */
  fence(task: number): Promise<TaskTransaction>;
}

/** What a cluster says of a topic. */
export interface TopicFacts {
  /** Undefined where the cluster tells no topic ids. */
  readonly id: string | undefined;
  readonly partitions: number;
}

/** Reads logs from start to end, outside the group. */
export interface LogReader {
  /** Of these topics, fresh and in this order. Rejects TOPIC_INVALID for one that does not exist. */
  describe(topics: readonly string[]): Promise<readonly TopicFacts[]>;
  /** First offset, and the end of the log at READ_UNCOMMITTED (high watermark). */
  bounds(topic: string, partition: number): Promise<{ readonly start: number; readonly end: number }>;
  /** First offset whose timestamp is at or after `time`; the end when there is none. */
  offsetAt(topic: string, partition: number, time: number): Promise<number>;
  /**
   * Hands every committed record in [from, to) to `visit`, in order, at read_committed, until the *position* reaches `to`,
   * control and aborted batches included. A record is only valid during its visit unless detached. Compacted or deleted
   * ranges are skipped. Rejects with ServiceError BROKER_UNAVAILABLE, ACCESS_DENIED or TOPIC_INVALID.
   */
  scan(
    topic: string,
    partition: number,
    from: number,
    to: number,
    visit: (record: InRecord) => void,
  ): Promise<void>;
  /** The records at exactly these offsets (any order; answered in the same order, detached). Rejects OFFSET_LOST if one is gone. */
  fetch(topic: string, partition: number, offsets: readonly number[]): Promise<InRecord[]>;
}

/** Cuts the start of a log. */
export interface LogTrimmer {
  /** Deletes all records before `offset` (DeleteRecords). */
  trim(topic: string, partition: number, offset: number): Promise<void>;
}
