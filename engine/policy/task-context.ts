import type { OutRecord, InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Failure, DeadLetterKind } from '@verdikt/core/record/outcome.ts';
import type { DeadLetterLimit, WrittenDeadLetter } from './dead-letter-limit.ts';
import type { Ended } from '@verdikt/core/record/retry-entry.ts';
import type { MemoryShare } from './memory.ts';
import type { DedupMode } from './dedup-rule.ts';
import type { RetryDecision } from './retry.ts';
import type { TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { Attempt, Judged, Waiting } from './attempt.ts';

/** May a dead letter be written? See policy/dead-letter-limit.ts. */
export type Limit = Pick<DeadLetterLimit, 'admit' | 'probe' | 'succeeded' | 'heldUntil' | 'state' | 'reset'>;

export interface TaskBounds {
  readonly dedup: DedupMode;
  readonly dedupWindowMs: number;
  readonly dedupMaxIds: number;
  readonly laneMaxEntries: number;
  readonly compactionFactor: number;
  readonly compactionSlack: number;
  readonly compactionMaxRecords: number;
  /** Cut the dead start of the retry partition once it is this long. */
  readonly trimAfter: number;
  /** Dead letters that the limit looks back on. */
  readonly deadLetterMax: number;
  /** A record that would become a dead letter waits at the head of its key for an operator instead. */
  readonly parks: boolean;
  /** Redrives of one record; a command for one more is refused. */
  readonly maxRedrives: number;
  /** Commands carried out that are remembered, so that none is carried out twice. */
  readonly commandsMax: number;
  /** How long a record that cannot be looked at for now waits. */
  readonly waitMs: number;
}

/** All that the state of a task needs to be told: bounds, and how records are built. Pure. */
export interface TaskContext extends TaskBounds {
  readonly topics: TopicNames;
  /** See core/record/system.ts. */
  readonly system: string;
  /** Of each topic. */
  readonly partitions: number;
  readonly task: number;
  /** Of this process; hashes are never written. */
  readonly seed: number;
  readonly memory: MemoryShare;
  /** Rebuilt with every state, from the last dead letters of the task, oldest first, and when an operator last reset it. */
  newLimit(now: number, written: readonly WrittenDeadLetter[], resetAt: number): Limit;
  /** What follows this attempt, which failed so. `afterMs`: no sooner. */
  retry(attempt: number, kind: 'retry' | 'reject', afterMs?: number): RetryDecision;
  /** The record itself, or the stub that stands for one that is too large: of everything that is looked at or kept. */
  admit(record: InRecord, origin: number): InRecord;
  /** True where nobody needs to look closer at the size of a record or of its verdict, which takes at most so many bytes. */
  fitsPlainly(record: InRecord, verdictBytes: number): boolean;
  /** False: the verdict would be larger than its topic takes. */
  verdictFits(a: Attempt, judged: Extract<Judged, { kind: 'done' }>): boolean;
  verdict(a: Attempt, judged: Extract<Judged, { kind: 'done' }>, accepted: boolean, now: number): OutRecord;
  /** Without the value where it would be too large for its topic. */
  deadLetter(
    a: Attempt,
    kind: DeadLetterKind,
    failure: Pick<Failure, 'reason' | 'detail' | 'stage'>,
    firstFailedAt: number,
    disposition: 'final' | 'parked',
    /** Id of the command that led to it. */
    command?: string,
  ): OutRecord;
  retryEntry(
    record: InRecord,
    origin: number,
    redrive: number,
    attempt: number,
    waiting: Waiting | undefined,
  ): OutRecord;
  /** The plan could not be committed: learns of a record that is larger than its topic takes. */
  refused(plan: TransactionPlan, error: unknown): void;
  /** As many completion records as the list needs. */
  completions(ended: readonly Ended[]): OutRecord[];
}
