import type { OutRecord } from '../record/record.ts';
import type { TraceHeaders } from '../record/trace-context.ts';

/** The span of one submission, until Kafka has answered. */
export interface SendTrace {
  readonly headers: TraceHeaders;
  /** `offset`: where the record is; `error`: why it is not. Once only. */
  end(started: number, result: AppendResult): void;
  /** What `end` wants to be told as the start. */
  now(): number;
}

/** A record with its partition already chosen. */
export interface Submission {
  readonly partition: number;
  readonly record: OutRecord;
  /** Where this submission is traced. */
  readonly trace?: SendTrace;
}

export type AppendResult =
  | { readonly ok: true; readonly offset: number }
  /** `APPEND_UNCONFIRMED`: may or may not be in the log. Others: it is not. */
  | {
      readonly ok: false;
      readonly code:
        'APPEND_UNCONFIRMED' | 'BROKER_UNAVAILABLE' | 'RECORD_TOO_LARGE' | 'ACCESS_DENIED' | 'STOPPING';
    };

/** Appends to `words` with acks=all. Micro-batched: calls that arrive together share one produce request. */
export interface RecordSink {
  /**
   * Queues the records at once and settles when each has its result, in the same order.
   * Returns undefined, having queued nothing, when they do not fit the bounded buffer.
   */
  append(submissions: readonly Submission[]): Promise<AppendResult[]> | undefined;
  /** Records and bytes waiting for their result. */
  pending(): { readonly records: number; readonly bytes: number };
  /** Partition count of `words`, checked when the sink was made. */
  readonly partitions: number;
  /** Topic id of `words` as the cluster told it last; undefined where it tells none. */
  topicId(): string | undefined;
  /** True while the last produce or metadata request succeeded. */
  healthy(): boolean;
  /** Waits for what is queued, then closes. */
  stop(): Promise<void>;
}
