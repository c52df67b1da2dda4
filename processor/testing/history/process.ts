import type { Clock } from '@verdikt/core/clock.ts';
import type { ErrorCode, ServiceError } from '@verdikt/core/errors.ts';
import { silentLog } from '@verdikt/core/log.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import { Budget } from '../../engine/budget.ts';
import { createPolicies } from '../../engine/make-policy.ts';
import type { Limit, Policy } from '../../engine/policy.ts';
import { startTask, type Task } from '../../engine/task.ts';
import { DeadLetterLimit } from '../../policy/dead-letter-limit.ts';
import type { RetryConfig } from '../../policy/retry.ts';
import type { LogReader, LogTrimmer, RecordSource, TaskTransactions } from '../../ports.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import { memoryLogReader, memoryTrimmer } from '../memory-logs.ts';
import { memorySource } from '../memory-source.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import type { Steps } from '../steps.ts';
import { scriptedChain, scriptedReader } from './checks.ts';
import { createManners } from './manners.ts';
import type { Planted } from './planted.ts';
import type { Random } from './random.ts';
import { MAX_REDRIVES, type Script } from './script.ts';
import { staleCoordinator, staleReader } from './stale.ts';
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
  /** Something that no log shows, whoever did it. */
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
  readonly policy: Policy;
  readonly owns: (task: number) => Promise<boolean>;
}

/** The watch of a process looks again and again; a commit may run at its first look. */
const VERIFIED_MS = [15_000, 30_000, 45_000];
const RETRY_MAX_MS = 1_000;

export const retryConfig = (script: Script): RetryConfig => ({
  maxAttempts: script.maxAttempts,
  baseMs: 50,
  multiplier: 2,
  maxMs: RETRY_MAX_MS,
  jitter: 'equal',
});

/** What histories are there for. */
export const REACHED = [
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

const OPEN: Limit = {
  admit: () => 'write',
  probe: () => true,
  succeeded: () => undefined,
  heldUntil: (now) => now,
  state: () => 'closed',
  reset: () => undefined,
};

/** A process with ports of its own. `owns`: see Membership. */
export const createProcess = (
  world: World,
  name: string,
  owns: (task: number) => Promise<boolean>,
): HistoryProcess => {
  const { script, clock, broker, topics, turns, random, planted } = world;
  const budget = new Budget(script.budget);
  const manners = createManners(
    script.budget,
    () => budget.left,
    clock,
    () => process.done,
    (what) => {
      if (process.alive) world.broken(`${name}, ${what}`);
    },
  );
  const start = (task: number): Task => {
    let running = new Set<string>();
    const policy = createPolicies({
      topics,
      system: world.group,
      partitions: broker.partitions(topics.words),
      bounds: {
        ...script.bounds,
        dedup: script.dedup,
        dedupWindowMs: 1e9,
        dedupMaxIds: 1e6,
        deadLetterMax: script.limit?.max ?? 0,
        parks: script.parks,
        maxRedrives: MAX_REDRIVES,
        commandsMax: 1_000,
        waitMs: 500,
      },
      retry: retryConfig(script),
      sizes: { recordMaxBytes: script.recordMaxBytes, outputMaxBytes: script.outputMaxBytes },
      log: silentLog,
      encodeVerdict: (judged) => JSON.stringify(judged),
      // Asked for once per rebuild: what ran before is forgotten.
      newLimit: (now, written, resetAt) => {
        running = new Set();
        if (script.limit === undefined) return OPEN;
        return new DeadLetterLimit(script.limit, now, written, resetAt);
      },
      random: random.next,
    })(task);
    // A task that is given back begins anew.
    manners.started(task);
    const own: Ports = {
      transactions: manners.transactions(transactions),
      source,
      control,
      logs,
      trimmer,
      policy,
      owns: (t) => manners.owns(t, owns(t)),
    };
    const ports = planted?.ports?.(own, world, steps, name) ?? own;
    const begun = startTask({
      task,
      transactions: ports.transactions,
      source: ports.source,
      control: ports.control,
      logs: ports.logs,
      trimmer: ports.trimmer,
      owns: ports.owns,
      reader: scriptedReader(world, process, task),
      chain: scriptedChain(world, process, task, () => running, manners),
      budget,
      policy: () => ports.policy,
      limits: { ...script.slice, recordMaxBytes: script.recordMaxBytes, retryMaxDelayMs: RETRY_MAX_MS },
      clock,
      random: random.next,
      breathe: () => (script.slowLoop ? turns.wait(process, 'breathe') : Promise.resolve()),
      events: {
        committed: (_, plan) => {
          const { duplicates, queued, held } = plan.tally;
          if (duplicates > 0) world.reached('a duplicate dropped');
          if (queued > 0) world.reached('a record behind another of its key');
          if (held > 0) world.reached('a dead letter held back');
          if (plan.written.length > 0) world.reached('a retry entry');
        },
        restored: () => world.reached('a rebuild'),
        failed: (_, error) => {
          manners.failed(task, error.code);
          world.watch.trouble();
          world.reached(error.code);
          world.failed(task, error);
        },
      },
      log: silentLog,
    });
    broker.onClosed(() => {
      for (const ms of VERIFIED_MS)
        clock.after(ms, () => {
          if (process.alive && !process.frozen && !process.held) void begun.verify();
        });
    });
    return begun;
  };

  const process: HistoryProcess = {
    name,
    alive: true,
    frozen: false,
    held: false,
    done: false,
    steps: { at: (step, task) => steps.at(step, task), send: (...request) => steps.send(...request) },
    start,
    leftBehind: manners.leftBehind,
  };
  const steps = world.steps(process);
  const fencing = memoryTransactions(broker, {
    group: world.group,
    wordsTopic: topics.words,
    timeoutMs: script.transactionMs,
    steps,
  });
  const transactions: TaskTransactions = {
    fence: async (task) => staleCoordinator(await fencing.fence(task), world, task),
  };
  const source = manners.source(memorySource(broker, topics.words, steps));
  const control = manners.source(memorySource(broker, topics.control, steps));
  const reader = staleReader(memoryLogReader(broker, steps, script.scanChunk), world);
  const logs: LogReader = {
    ...reader,
    fetch: (topic, task, offsets) => {
      world.reached('a fetch of bytes not held');
      return reader.fetch(topic, task, offsets);
    },
  };
  const cut = memoryTrimmer(broker, steps);
  const trimmer: LogTrimmer = {
    trim: async (topic, task, offset) => {
      await cut.trim(topic, task, offset);
      world.reached('a cut of the retry partition');
    },
  };
  return process;
};
