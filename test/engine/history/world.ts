import type { ErrorCode, ServiceError } from '@verdikt/core/errors.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { RetryConfig } from '@verdikt/engine/policy/retry.ts';
import type { TaskContext } from '@verdikt/engine/policy/task-context.ts';
import type { Task } from '@verdikt/engine/task/task.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import type { Steps } from '../steps.ts';
import type { Random } from './random.ts';
import type { Script } from './script.ts';
import type { Process, Turns } from './turns.ts';
import type { Watch } from './watch.ts';

/** What all processes of a history share. */
export interface World {
  readonly script: Script;
  readonly random: Random;
  readonly clock: Clock;
  readonly broker: MemoryBroker;
  readonly topics: TopicNames;
  readonly turns: Turns;
  readonly group: string;
  readonly planted: Planted | undefined;
  readonly watch: Watch;
  /** Counts that something happened, so that a test can tell whether histories reach it. */
  readonly reached: (what: Reached) => void;
  /** Something that no log shows, of any process. */
  readonly broken: (what: string) => void;
  /** The same, of a process that may write for the task. */
  readonly wrong: (process: HistoryProcess, task: number, what: string) => void;
  readonly steps: (process: HistoryProcess) => Steps;
  /** A process has read what is not so any more. */
  readonly stale: () => void;
  readonly failed: (task: number, error: ServiceError) => void;
}

export interface HistoryProcess extends Process {
  readonly steps: Steps;
  /** Begins to work on a task. */
  start(task: number): Task;
  /** See Manners. */
  leftBehind(): string[];
}

/** The ports of one process; what a planted defect may replace. */
export interface Ports {
  readonly transactions: TaskTransactions;
  readonly source: RecordSource;
  readonly control: RecordSource;
  readonly logs: LogReader;
  readonly trimmer: LogTrimmer;
  readonly context: TaskContext;
  readonly owns: (task: number) => Promise<boolean>;
}

export type Replace = (own: Ports, world: World, steps: Steps, process: string) => Ports;

/** A defect put in on purpose, to see that the histories notice it. */
export interface Planted {
  readonly name: string;
  /** Replaces ports of every process. */
  readonly ports?: Replace;
  /** Changes code in place for as long as the history runs; returns what undoes it. */
  readonly patch?: () => () => void;
}

export const RETRY_MAX_MS = 1_000;

export const retryConfig = (script: Script): RetryConfig => ({
  maxAttempts: script.maxAttempts,
  baseMs: 50,
  multiplier: 2,
  maxMs: RETRY_MAX_MS,
  jitter: 'equal',
});

/** What histories are there for. */
export const REACHED = [
  'a verdict from bytes',
  'a duplicate dropped',
  'a record behind another of its key',
  'a dead letter held back',
  'a cut of the retry partition',
  'a retry entry',
  'a rebuild',
  'a fetch of bytes not held',
  'a record parked',
  'a stub',
  'a redrive of a stub',
  'a verdict that is too large',
  'a redrive of what is parked',
  'a redrive of what has ended',
  'a skip',
  'a duplicate command',
  'a stale command',
  'a refused command',
  'BROKER_UNAVAILABLE',
  'TRANSACTION_FAILED',
  'COMMIT_UNCONFIRMED',
  'PRODUCER_FENCED',
] as const;
export type Reached = (typeof REACHED)[number] | ErrorCode;
