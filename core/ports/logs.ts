import type { OffsetMetadata } from '../record/commit-note.ts';
import type { InRecord } from '../record/record.ts';

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
  /**
   * The records at exactly these offsets (any order; answered in the same order, as copies that may share memory with each other).
   * With `maxBytes` the offsets must rise, and the answer ends once it has so many bytes. Rejects OFFSET_LOST if one is gone.
   */
  fetch(topic: string, partition: number, offsets: readonly number[], maxBytes?: number): Promise<InRecord[]>;
}

/** Cuts the start of a log. */
export interface LogTrimmer {
  /** Deletes all records before `offset` (DeleteRecords). */
  trim(topic: string, partition: number, offset: number): Promise<void>;
}

/** What a group has committed for a partition; null: nothing. */
export interface CommittedState {
  readonly committed: bigint | null;
  /** What processors and operators write beside an offset of `words`. */
  readonly metadata: OffsetMetadata;
}

/** One cluster, as far as a reader of topics needs it. */
export interface Cluster {
  readonly logs: LogReader;
  /** Rejects TOPIC_INVALID for a topic that does not exist. */
  partitionsOf(topic: string): Promise<number>;
  /** What the group has committed for a partition; null where nothing. */
  committed(group: string, topic: string, partition: number): Promise<number | null>;
  /** Closes every connection. Never rejects. */
  close(): Promise<void>;
}
