import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';

export type Appended =
  { readonly ok: true; readonly offset: number } | { readonly ok: false; readonly code: string };

/** Appends to one topic with acks=all, idempotent, in the order of the calls per partition. */
export interface Appender {
  /** Undefined when there is no room for so many now. `APPEND_UNCONFIRMED` may or may not be in the log. */
  append(
    records: readonly { readonly partition: number; readonly record: OutRecord }[],
  ): Promise<readonly Appended[]> | undefined;
  stop(): Promise<void>;
}

/** Writes one partition of the quarantine; the next to open it shuts this one out. */
interface QuarantineWriter {
  /** All or none. Rejects with ServiceError; then open again and look what is there. */
  commit(records: readonly OutRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** What the redrive tool needs of a cluster. Rejects with ServiceError. */
export interface DlqCluster extends Cluster {
  appender(topic: string): Promise<Appender>;
  quarantine(topic: string, partition: number): Promise<QuarantineWriter>;
  /** Deletes all records before `offset` (DeleteRecords). */
  trim(topic: string, partition: number, offset: number): Promise<void>;
}

/** Time and waiting, so that tests own them. */
export interface Pace {
  now(): number;
  pause(ms: number): Promise<void>;
}
