import '../../support/wipe-given-back.ts';
import { createVerdictCodec } from '../../../processor/verdict.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { Budget } from '@verdikt/engine/task/budget.ts';
import { CommitPace } from '@verdikt/engine/task/commit-pace.ts';
import { createContexts } from '@verdikt/engine/policy/make-context.ts';
import { MemoryBudget } from '@verdikt/engine/policy/memory.ts';
import type { Limit } from '@verdikt/engine/policy/task-context.ts';
import { startTask, type Task } from '@verdikt/engine/task/task.ts';
import { DeadLetterLimit } from '@verdikt/engine/policy/dead-letter-limit.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { memoryLogReader, memoryTrimmer } from '../memory-logs.ts';
import { memorySource } from '../memory-source.ts';
import { memoryTransactions } from '../memory-transactions.ts';
import { scriptedChain, scriptedReader } from './checks.ts';
import { scriptedPlain } from './plain.ts';
import { createManners } from './manners.ts';
import { MAX_REDRIVES } from './script.ts';
import { RETRY_MAX_MS, retryConfig, type HistoryProcess, type Ports, type World } from './world.ts';
import { staleCoordinator, staleReader } from './stale.ts';

/** The watch of a process looks again and again; a commit may run at its first look. */
const VERIFIED_MS = [15_000, 30_000, 45_000];
/** Nothing is ever held. */
export const OPEN: Limit = {
  admit: () => 'write',
  probe: () => true,
  succeeded: () => undefined,
  heldUntil: (now) => now,
  state: () => 'closed',
  reset: () => undefined,
};

const contexts = (
  { script, broker, topics, group, random }: World,
  newLimit: Parameters<typeof createContexts>[0]['newLimit'],
): ReturnType<typeof createContexts> =>
  createContexts({
    ...{ topics, system: group, partitions: broker.partitions(topics.words), newLimit },
    memory: new MemoryBudget(script.bounds.valueBytes),
    bounds: {
      ...script.bounds,
      dedup: script.dedup ? 'resubmitted' : 'none',
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
    verdicts: createVerdictCodec((judged) => JSON.stringify(judged)),
    random: random.next,
  });

/** A process with ports of its own. `owns`: see Membership. */
export const createProcess = (
  world: World,
  name: string,
  owns: (task: number) => Promise<boolean>,
): HistoryProcess => {
  const { script, clock, broker, topics, turns, random, planted } = world;
  const budget = new Budget(script.budget);
  const pace = new CommitPace();
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
    const context = contexts(world, (...at) => {
      // Asked for once per rebuild: what ran before is forgotten.
      running = new Set();
      return script.limit === undefined ? OPEN : new DeadLetterLimit(script.limit, ...at);
    })(task);
    // A task that is given back starts over.
    manners.started(task);
    const own: Ports = {
      transactions: manners.transactions(transactions),
      source,
      control,
      logs,
      trimmer,
      context,
      owns: (t) => manners.owns(t, owns(t)),
    };
    const ports = planted?.ports?.(own, world, steps, name) ?? own;
    const reader = scriptedReader(world, process, task);
    const begun = startTask({
      task,
      transactions: ports.transactions,
      source: ports.source,
      control: ports.control,
      logs: ports.logs,
      trimmer: ports.trimmer,
      owns: ports.owns,
      reader,
      plain: scriptedPlain(world, process, task, () => running, reader),
      chain: scriptedChain(world, process, task, () => running, manners),
      ...{ budget, pace },
      context: () => ports.context,
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
    broker.onForgotten(() => {
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
  const logReader = staleReader(memoryLogReader(broker, steps, script.scanChunk), world);
  const logs: LogReader = {
    ...logReader,
    fetch: (topic, task, offsets) => {
      world.reached('a fetch of bytes not held');
      return logReader.fetch(topic, task, offsets);
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
