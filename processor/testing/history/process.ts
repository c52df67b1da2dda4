import type { Clock } from '@verdikt/core/clock.ts';
import { silentLog } from '@verdikt/core/log.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { Chain } from '../../checks/check.ts';
import { Budget, type SubmissionReader } from '../../engine/attempts.ts';
import { createPolicies } from '../../engine/make-policy.ts';
import type { Limit, Policy } from '../../engine/policy.ts';
import { startTask } from '../../engine/task.ts';
import type { CheckResult, Outcome } from '../../outcome.ts';
import { DeadLetterLimit } from '../../policy/dead-letter-limit.ts';
import type { LogReader, LogTrimmer, RecordSource, TaskTransactions } from '../../ports.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import { memoryLogReader, memoryTrimmer } from '../memory-logs.ts';
import { memorySource } from '../memory-source.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import type { Steps } from '../steps.ts';
import type { Planted } from './planted.ts';
import type { Random } from './random.ts';
import type { AttemptScript, Script, Submission } from './script.ts';
import type { Process, Turns } from './turns.ts';

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
  readonly owner: () => Worker | undefined;
  /** Something that no log shows. */
  readonly wrong: (worker: Worker, what: string) => void;
  readonly steps: (worker: () => Worker) => Steps;
}

export interface Worker extends Process {
  /** Is to be told later that it has lost the task. */
  toldLate: boolean;
  stopped: boolean;
  stop(): void;
  /** An operator looks after it. */
  operate(): void;
}

/** The ports of one process; what a planted defect may replace. */
export interface Ports {
  readonly transactions: TaskTransactions;
  readonly source: RecordSource;
  readonly logs: LogReader;
  readonly trimmer: LogTrimmer;
  readonly policy: Policy;
}

const RETRY_MAX_MS = 1_000;
const OPEN: Limit = {
  admit: () => 'write',
  probe: () => true,
  succeeded: () => undefined,
  heldUntil: (now) => now,
  state: () => 'closed',
};

const submissionOf = (script: Script, value: string): Submission =>
  script.submissions[Number(/^w(\d+) /.exec(value)?.[1])];

const passes = (from: number, n: number): CheckResult[] =>
  Array.from({ length: n }, (_, i) => ({ check: `c${from + i}`, answer: true, detail: null }));

const outcomeOf = (a: AttemptScript, before: readonly CheckResult[]): Outcome => {
  const passed = [...before, ...passes(before.length, a.passes)];
  if (a.outcome === 'yes' || a.outcome === 'no')
    return {
      kind: 'done',
      results: [...passed, { check: 'last', answer: a.outcome === 'yes', detail: null }],
    };
  return a.outcome === 'retry'
    ? { kind: 'retry', reason: 'down', detail: 'no answer', stage: 'last', passed }
    : { kind: 'reject', reason: 'bad', detail: 'not good', stage: 'last', passed };
};

/** A process that works on task 0 until it is stopped or dies. */
export const startProcess = (world: World, name: string): Worker => {
  const { script, clock, broker, topics, turns, random, planted } = world;
  const began = 1_000_000;
  let limit: DeadLetterLimit | undefined;
  let resetAt = -Infinity;
  /** Keys whose check runs, since the last rebuild. */
  let running = new Set<string>();

  const newLimit: Policy['newLimit'] = (now, written) => {
    running = new Set();
    if (script.limit === undefined) return OPEN;
    limit = new DeadLetterLimit(script.limit, now, written, resetAt);
    return limit;
  };

  const reader: SubmissionReader = {
    prepare: () => (script.slowDecode && random.chance(0.3) ? turns.wait(worker, 'prepare') : undefined),
    decode: (record) => {
      const word = String(record.value);
      const s = submissionOf(script, word);
      if (s === undefined) return { kind: 'ok', word, submittedAt: 0 };
      if (s.decode === 'poison') return { kind: 'poison', reason: 'poison', detail: '' };
      if (s.decode === 'late' && clock.now() - began < script.schemasAt)
        return { kind: 'unavailable', detail: '' };
      return { kind: 'ok', word, submittedAt: record.timestamp };
    },
  };

  const chain: Chain = {
    stages: ['last'],
    run: ({ word, attempt }, passed) => {
      const s = submissionOf(script, word);
      const a = s?.attempts[attempt - 1];
      if (a === undefined) {
        world.wrong(worker, `attempt ${attempt} at ${word}`);
        return outcomeOf({ outcome: 'no', when: 'now', passes: 0 }, []);
      }
      const before = s.attempts.slice(0, attempt - 1).reduce((n, x) => n + x.passes, 0);
      // A dead letter that the limit holds back keeps what passed in the attempt that does not count.
      if (passed.length !== before && script.limit === undefined)
        world.wrong(
          worker,
          `s${s.n}, attempt ${attempt}: ${passed.length} checks passed before, not ${before}`,
        );
      const of = running;
      const key = s.key ?? `s${s.n}`;
      if (of.has(key)) world.wrong(worker, `two checks of key ${key} run at once`);
      const outcome = outcomeOf(a, passed);
      if (a.when === 'now') return outcome;
      of.add(key);
      const answered =
        a.when === 'soon'
          ? turns.wait(worker, 'check')
          : new Promise<void>((resolve) => void clock.after(a.when as number, resolve));
      return answered.then(() => {
        of.delete(key);
        return outcome;
      });
    },
    close: () => Promise.resolve(),
  };

  const worker: Worker = {
    name,
    alive: true,
    frozen: false,
    toldLate: false,
    stopped: false,
    stop: () => {
      void task.stop().then(() => {
        worker.stopped = true;
      });
    },
    operate: () => {
      if (limit === undefined || limit.state(clock.now()) === 'closed') return;
      resetAt = clock.now();
      limit.reset();
    },
  };
  const steps = world.steps(() => worker);
  const policy = createPolicies({
    topics,
    bounds: {
      ...script.bounds,
      dedup: script.dedup,
      dedupWindowMs: 1e9,
      dedupMaxIds: 1e6,
      deadLetterMax: script.limit?.max ?? 0,
      waitMs: 500,
    },
    retry: {
      maxAttempts: script.maxAttempts,
      baseMs: 50,
      multiplier: 2,
      maxMs: RETRY_MAX_MS,
      jitter: 'equal',
    },
    encodeVerdict: (judged) => JSON.stringify(judged),
    newLimit,
    random: random.next,
  })(0);
  const own: Ports = {
    transactions: memoryTransactions(broker, { group: world.group, wordsTopic: topics.words, steps }),
    source: memorySource(broker, topics.words, steps),
    logs: memoryLogReader(broker, steps, script.scanChunk),
    trimmer: memoryTrimmer(broker, steps),
    policy,
  };
  const ports = planted?.ports?.(own, world, steps, name) ?? own;

  const task = startTask({
    task: 0,
    transactions: ports.transactions,
    source: ports.source,
    logs: ports.logs,
    trimmer: ports.trimmer,
    owns: async (t) => {
      await steps.at('owns', t);
      return world.owner() === worker;
    },
    reader,
    chain,
    budget: new Budget(script.budget),
    policy: () => ports.policy,
    limits: { ...script.slice, recordMaxBytes: script.recordMaxBytes, retryMaxDelayMs: RETRY_MAX_MS },
    clock,
    random: random.next,
    breathe: () => (script.slowLoop ? turns.wait(worker, 'breathe') : Promise.resolve()),
    events: { committed: () => undefined, restored: () => undefined, failed: () => undefined },
    log: silentLog,
  });
  return worker;
};
