/**
 * What an audit can find:
 * - `lost`: below the committed offset, and neither ended nor outstanding.
 * - `doubled`: ended twice; also a submission that was sent twice within the dedup window and ended both times.
 * - `out-of-order`: an end of a key stands before that of an older record of the key.
 * - `overtaken`: ended although an older record of its key is outstanding.
 * - `stopped`: the task of the partition would stop if it were taken now, by its logs and its committed offset.
 * - `parked`: waits for an operator. `blocked`: waits behind such a record, or longer than allowed.
 * - `wrong-partition`: its key belongs to another partition.
 * - `foreign`: names a record that `words` does not have, or another one than it is; or is no record of ours at all.
 * - `unreadable`: a verdict that cannot be read, or an output that does not say of which record it is.
 * - `attempts`: fewer attempts than its retry entries tell.
 * - `incomplete`: a dead letter that does not say all that it must.
 * - `ended-in-lane`: ended, and its retry entry still says that it is outstanding: it would be judged again.
 * - `completed-unended`: its retry entry was completed and it has no end.
 */
export const FINDING_KINDS = [
  'lost',
  'doubled',
  'out-of-order',
  'overtaken',
  'completed-unended',
  'ended-in-lane',
  'wrong-partition',
  'foreign',
  'unreadable',
  'attempts',
  'incomplete',
  'stopped',
  'parked',
  'blocked',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  /** `topic-partition@offset` of the record at fault. */
  readonly at: string;
  readonly partition: number;
  /** Offset of the submission in `words`, where known. */
  readonly origin?: number;
  readonly detail: string;
  /** Of the submission, where it is still in `words`. */
  readonly key?: string | null;
  readonly id?: string;
}

/** Counts of one audit or of one partition of it. */
export interface AuditCounts {
  words: number;
  results: number;
  deadLetters: number;
  retryRecords: number;
  /** In a lane. */
  outstanding: number;
  /** Not read by the group yet. */
  pending: number;
  /** Dropped as sent twice. */
  duplicates: number;
  /** Without an end that could still be there to see: outputs are kept for a time, and ranges begin somewhere. */
  unknown: number;
  /** Outputs of submissions before the range looked at. */
  outside: number;
}

export const noCounts = (): AuditCounts => ({
  words: 0,
  results: 0,
  deadLetters: 0,
  retryRecords: 0,
  outstanding: 0,
  pending: 0,
  duplicates: 0,
  unknown: 0,
  outside: 0,
});
