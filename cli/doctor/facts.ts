import type { TaskFacts as LookedTask } from '@verdikt/operate/status/facts.ts';
import type { Asked as AskedProcessor } from '@verdikt/operate/status/processors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { SubjectReport } from '@verdikt/schemas/inspect.ts';
import type { AclBinding } from '@verdikt/core/ports/acls.ts';
import type {
  BrokerState,
  GroupReport,
  LogBounds,
  OpenTransaction,
  PartitionState,
} from '@verdikt/core/ports/inspector.ts';
import type { TopicState } from '@verdikt/core/ports/topics.ts';

/** An answer, or why there is none. */
export type Asked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly what: string; readonly code: string; readonly message: string };

/** What services are configured with, as far as the cluster must fit it. Milliseconds and bytes. */
export interface Expected {
  readonly names: TopicNames;
  readonly group: string;
  readonly partitions: number;
  readonly retryMaxAttempts: number;
  readonly retryBaseDelayMs: number;
  readonly retryMultiplier: number;
  readonly retryMaxDelayMs: number;
  readonly dedupWindowMs: number;
  readonly maxBatchBytes: number;
  readonly recordMaxBytes: number;
  readonly sessionTimeoutMs: number;
  readonly transactionTimeoutMs: number;
  /** Rules that should be there. */
  readonly acls: readonly AclBinding[];
}

/** One task as its logs show it. */
export interface TaskFacts {
  readonly task: number;
  readonly committed: number | null;
  readonly words: LogBounds;
  readonly results: LogBounds;
  readonly deadLetters: LogBounds;
}

export interface Hold {
  readonly topic: string;
  readonly partition: number;
  readonly open: OpenTransaction;
}

export interface Facts {
  readonly expected: Expected;
  readonly brokers: Asked<readonly BrokerState[]>;
  /** Of each broker that answers. */
  readonly settings: readonly Asked<{
    readonly nodeId: number;
    readonly settings: Readonly<Record<string, string>>;
  }>[];
  /** Clock here minus that of the cluster. */
  readonly skewMs: Asked<number>;
  /** By the clock of the cluster where it is known. */
  readonly now: number;
  readonly topics: Asked<readonly TopicState[]>;
  readonly partitions: readonly Asked<{
    readonly topic: string;
    readonly partitions: readonly PartitionState[] | undefined;
  }>[];
  readonly group: Asked<GroupReport>;
  readonly tasks: readonly Asked<TaskFacts>[];
  /** The same tasks a moment later; empty when nobody wanted to wait. */
  readonly later: readonly Asked<TaskFacts>[];
  /** Of each task: its lanes, and what it would stop with if it were taken now. */
  readonly looked: readonly Asked<LookedTask>[];
  /** What the processors say of themselves. */
  readonly processors: readonly AskedProcessor[];
  readonly open: readonly Asked<readonly Hold[]>[];
  /** Undefined: the cluster has no authorizer. */
  readonly acls: Asked<readonly AclBinding[] | undefined>;
  /** Undefined: no registry was named. */
  readonly subjects: readonly Asked<SubjectReport>[];
}

/** The group, where nobody could be asked for it. */
export const NOBODY: GroupReport = { state: 'unknown', protocol: '', foreign: false, members: [] };

/** The answers among these. */
export const known = <T>(asked: readonly Asked<T>[]): T[] => asked.flatMap((a) => (a.ok ? [a.value] : []));
