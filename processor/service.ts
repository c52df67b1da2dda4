import { at } from '@verdikt/core/at.ts';
import { housekeeping, systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import { createStartupRetry } from '@verdikt/core/service/startup-retry.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { OUTPUT_HEADROOM_BYTES, type TopicNames } from '@verdikt/core/record/topics.ts';
import type { Tracer } from '@verdikt/core/tracing/tracing.ts';
import type { VerdictEncoder } from '@verdikt/schemas/verdict.ts';
import type { SubmissionCodec } from '@verdikt/schemas/codec.ts';
import { deadLetterLimitConfig, taskBounds, retryConfig, type ProcessorConfig } from './config.ts';
import { Budget } from '@verdikt/engine/task/budget.ts';
import { CommitPace } from '@verdikt/engine/task/commit-pace.ts';
import { createContexts } from '@verdikt/engine/policy/make-context.ts';
import { startLogWatch } from '@verdikt/engine/task/log-watch.ts';
import { blockedTasks, startTask, type TaskEvents } from '@verdikt/engine/task/task.ts';
import { createWorker, type Worker } from '@verdikt/engine/task/worker.ts';
import { DeadLetterLimit } from '@verdikt/engine/policy/dead-letter-limit.ts';
import { MemoryBudget } from '@verdikt/engine/policy/memory.ts';
import type { PlainVerdicts } from '@verdikt/engine/policy/plain-verdicts.ts';
import type { MemoryPlan } from './memory.ts';
import { createTaskTracing } from './tracing.ts';
import { wordChain, type CheckChain } from './checks/run-chain.ts';
import { createLimitLog, limitState, limitText } from './limit-log.ts';
import { intakeStopped } from './live.ts';
import { createPlainVerdicts } from './plain-verdicts.ts';
import { createVerdictCodec } from './verdict.ts';
import type { Assignment, Membership } from '@verdikt/core/ports/membership.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';

/** Kafka behind the ports of the processor. */
export interface ProcessorPorts {
  readonly membership: Membership;
  readonly transactions: TaskTransactions;
  readonly source: RecordSource;
  readonly control: RecordSource;
  readonly logs: LogReader;
  readonly trimmer: LogTrimmer;
}

interface ProcessorDeps {
  readonly config: ProcessorConfig;
  readonly memory: MemoryPlan;
  readonly topics: TopicNames;
  readonly ports: ProcessorPorts;
  /** Partition counts of these topics; rejects TOPIC_INVALID for one that does not exist. */
  readonly partitionsOf: (topics: readonly string[]) => Promise<readonly number[]>;
  /** Without `locate` every record is decoded. */
  readonly reader: Pick<SubmissionCodec, 'prepare' | 'decode'> & Partial<Pick<SubmissionCodec, 'locate'>>;
  /** Rejects BROKER_UNSUPPORTED, or BROKER_UNAVAILABLE while Kafka is away. */
  readonly assertSupported: () => Promise<void>;
  /** Makes the encoder of verdicts once schemas are known; rejects SCHEMA_UNAVAILABLE while the registry is away. */
  readonly encoder: () => Promise<VerdictEncoder>;
  readonly chain: CheckChain;
  readonly events: TaskEvents & { rebalanced(assignment: Assignment): void };
  /** Undefined: nothing is traced. */
  readonly tracer?: Tracer | undefined;
  readonly log: Log;
  /** Of the engine. @default that of the system */
  readonly clock?: Clock;
  /** In [0, 1); spreads back-off. @default Math.random */
  readonly random?: () => number;
}

export interface Processor {
  /**
   * Resolves when it is a member of the group, or was stopped before. Waits as long as Kafka or the registry is away. Rejects
   * with ServiceError when waiting cannot help: TOPIC_INVALID, BROKER_UNSUPPORTED, CONFIG_INVALID.
   */
  start(): Promise<void>;
  /** Commits what is at hand and leaves the group. Never rejects. */
  stop(): Promise<void>;
  /** True while it is a member of the group, be it one that stands by, and its tasks run; else why not, as one sentence. */
  ready(): true | string;
  /**
   * What is worth knowing of one that is ready, one line each: who holds the tasks while it stands by, dead-letter limits that hold
   * records back, tasks that take no new words. None of it makes it unready: its tasks work on, and an installation whose pods are
   * not ready can be neither scaled nor rolled out, which is what may be needed.
   */
  note(): string | undefined;
  /** Topics with more partitions than this system uses. */
  grown(): ReadonlyMap<string, number>;
  readonly worker: Worker;
}

/**
 * All topics of a task must have the partitions that were agreed on: a record must find its outputs under its own number. More are no
 * reason to stop: the tasks that there are go on, and the watch over the logs tells.
 */
const checkTopics = async (d: ProcessorDeps): Promise<void> => {
  const names = Object.values(d.topics);
  const counts = await d.partitionsOf(names);
  const wrong = names.filter((_, i) => at(counts, i) < d.config.partitions);
  if (wrong.length === 0) return;
  throw new ServiceError(
    'TOPIC_INVALID',
    `these topics have fewer than ${d.config.partitions} partitions: ${wrong.join(', ')}; set VERDIKT_PARTITIONS to what this system was created with`,
    { topics: wrong, partitions: d.config.partitions },
  );
};

const plainOf = (
  { config, reader: { locate }, chain: { plain: chain } }: ProcessorDeps,
  encode: VerdictEncoder,
): PlainVerdicts | undefined =>
  locate === undefined || chain === undefined || config.cloudEventsSource !== undefined
    ? undefined
    : createPlainVerdicts({ reader: { locate }, chain, encode });

/** A worker whose tasks check the records of `words`. */
export const createProcessor = (d: ProcessorDeps): Processor => {
  const { config, memory, ports, log, clock = systemClock, random = Math.random } = d;
  const limit = deadLetterLimitConfig(config);
  const budget = new Budget(config.checkConcurrency);
  const pace = new CommitPace();
  let encode: VerdictEncoder = () => {
    throw new ServiceError('SCHEMA_UNAVAILABLE', 'no task runs before the encoder is there');
  };
  const system = systemId(d.topics.words, config.group);
  const { cloudEventsSource: source, resultsFormat: format } = config;
  const context = createContexts({
    topics: d.topics,
    system,
    partitions: config.partitions,
    bounds: taskBounds(config, memory),
    memory: new MemoryBudget(memory.budgetBytes, housekeeping),
    retry: retryConfig(config),
    sizes: {
      recordMaxBytes: config.recordMaxBytes,
      outputMaxBytes: config.recordMaxBytes + OUTPUT_HEADROOM_BYTES,
    },
    log,
    verdicts: createVerdictCodec((judged, key) => encode(judged, key), { format, source }),
    newLimit: (now, written, resetAt) => new DeadLetterLimit(limit, now, written, resetAt),
    random,
  });
  const limits = createLimitLog(log);
  const watched = (task: number): ReturnType<typeof context> => {
    const own = context(task);
    const { newLimit } = own;
    return {
      ...own,
      newLimit: (now, written, resetAt) => limits(task, newLimit(now, written, resetAt), now),
    };
  };
  const trace = d.tracer && createTaskTracing({ tracer: d.tracer, topics: d.topics, group: system });
  const chain = wordChain(d.chain);
  const plain = plainOf(d, (judged, key) => encode(judged, key));
  const worker = createWorker({
    membership: ports.membership,
    rebalanced: d.events.rebalanced,
    log,
    start: (task) =>
      startTask({
        ...{ task, budget, pace, chain, plain, context: watched, reader: d.reader, events: d.events },
        ...{
          transactions: ports.transactions,
          source: ports.source,
          control: ports.control,
          logs: ports.logs,
          trimmer: ports.trimmer,
        },
        ...(trace === undefined ? {} : { trace }),
        owns: (t) => ports.membership.owns(t),
        limits: config,
        clock,
        random,
        breathe: () => new Promise((resolve) => setImmediate(resolve)),
        log,
      }),
  });

  const watch = startLogWatch({
    ...{ topics: d.topics, partitions: config.partitions, logs: ports.logs, log },
    tasks: worker.tasks,
    clock,
  });
  const startup = createStartupRetry({ clock, log });
  let stopping = false;

  return {
    worker,
    ready: () => {
      if (stopping) return 'stopping';
      const refusal = worker.refusal();
      if (refusal !== undefined) return `${refusal.code}: ${refusal.message}`;
      if (!worker.joined()) return 'not a member of the group yet';
      const blocked = blockedTasks(worker.tasks()).map(
        ([task, { code, message }]) => `task ${task}: ${code}: ${message}`,
      );
      const grown = [...watch.grown()].map(
        ([topic, n]) =>
          `TOPIC_CHANGED: ${topic} has ${n} partitions, this system uses ${config.partitions}; what is in the new ones is not checked`,
      );
      return blocked.length + grown.length === 0 || [...blocked, ...grown].join('\n');
    },
    note: () => {
      const lines = [...worker.tasks()].flatMap(([task, t]) => {
        const state = t.state();
        if (state === undefined) return [];
        const stopped = intakeStopped(state, clock.now());
        const intake = stopped === undefined ? undefined : `task ${task}: takes no new words: ${stopped}`;
        return [limitText(task, limitState(state.limitState(clock.now()))), intake];
      });
      const told = [worker.standby(), ...lines].filter((line) => line !== undefined);
      return told.length === 0 ? undefined : told.join('\n');
    },
    grown: () => watch.grown(),
    start: async () => {
      await startup.until(async () => {
        await d.assertSupported();
        await checkTopics(d);
        encode = await d.encoder();
      });
      if (stopping) return;
      await worker.start().catch((err: unknown) => {
        if (!isServiceError(err, 'STOPPING')) throw err;
      });
    },
    stop: async () => {
      stopping = true;
      startup.end();
      watch.stop();
      await worker.stop();
      await Promise.all([ports.source.stop(), ports.control.stop()]);
    },
  };
};
