import { backOffMs } from '@verdikt/core/back-off.ts';
import { isServiceError, rootMessage, ServiceError } from '@verdikt/core/errors.ts';
import { logRetry } from '@verdikt/core/ports/log-retry.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { Chain, Reader } from '@verdikt/core/ports/chain.ts';
import type { LogReader, LogTrimmer } from '@verdikt/core/ports/logs.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskTransaction, TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import { AttemptRunner } from './attempts.ts';
import type { Budget } from './budget.ts';
import type { CommitPace } from './commit-pace.ts';
import type { TaskTrace } from './attempt-trace.ts';
import { ControlIntake } from './control-intake.ts';
import type { PlainVerdicts } from '../policy/plain-verdicts.ts';
import { PlainPath } from './plain-path.ts';
import type { TaskContext } from '../policy/task-context.ts';
import { claim } from '../restore/claim.ts';
import { inspectWritten, type InspectDeps } from '../restore/inspect.ts';
import { restore, type Restored } from '../restore/restore.ts';
import { runSlices, Signal, type SliceLimits } from './slices.ts';
import type { SliceTimes, SlicePlan } from '../state/plan.ts';
import type { TaskState } from '../state/state.ts';
import { trimRetry } from './trim.ts';

type TaskPhase = 'fencing' | 'restoring' | 'running' | 'waiting' | 'stopped';

/** What the engine reports; every method is called after the fact. */
export interface TaskEvents {
  committed(task: number, plan: SlicePlan, times: SliceTimes): void;
  restored(task: number, seconds: number): void;
  failed(task: number, error: ServiceError): void;
}

interface TaskDeps {
  readonly task: number;
  readonly transactions: TaskTransactions;
  readonly source: RecordSource;
  /** Reads the control topic. */
  readonly control: RecordSource;
  readonly logs: LogReader;
  readonly trimmer: LogTrimmer;
  /** True when a heartbeat sent now proves that this member still owns the task. */
  readonly owns: (task: number) => Promise<boolean>;
  readonly reader: Reader;
  readonly chain: Chain;
  /** @default every record takes the way of `reader` and `chain` */
  readonly plain?: PlainVerdicts | undefined;
  readonly budget: Budget;
  readonly pace: CommitPace;
  /** A fresh context (its limit holds state) forevery rebuild. */
  readonly context: (task: number) => TaskContext;
  readonly limits: SliceLimits & { readonly recordMaxBytes: number; readonly retryMaxDelayMs: number };
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly breathe: () => Promise<void>;
  readonly events: TaskEvents;
  /** Made again at every fence; undefined: nothing is traced. */
  readonly trace?: (task: number) => TaskTrace;
  readonly log: Log;
}

export interface Task {
  readonly phase: () => TaskPhase;
  /** The state while running, for gauges. */
  readonly state: () => TaskState | undefined;
  /** Why the task does not run; undefined while it runs, or begins for the first time. */
  readonly trouble: () => ServiceError | undefined;
  /** Somebody has found that the logs are not what the state says: the task begins again from Kafka. No-op unless it runs. */
  fail(error: ServiceError): void;
  /** Begins again from Kafka where what it has committed is held up; see TaskTransaction. Never rejects. */
  verify(): Promise<void>;
  /** Finishes and commits the slice at hand, then gives the task up. Never rejects. */
  stop(): Promise<void>;
}

/** Tasks that wait with an error that somebody has to act upon. */
export const blockedTasks = (
  tasks: ReadonlyMap<number, Pick<Task, 'trouble'>>,
): readonly (readonly [task: number, error: ServiceError])[] =>
  [...tasks].flatMap(([task, t]) => {
    const error = t.trouble();
    return error?.action === 'pause' ? [[task, error] as const] : [];
  });

interface Taken extends Restored {
  readonly inspecting: InspectDeps;
}

const BACK_OFF = { fromMs: 100, toMs: 10_000 };
const OWNERSHIP_POLL_MS = 1_000;

/**
 * Owns one task until stopped: fence, rebuild from Kafka, run slices. Any error drops transaction and state, and the circle
 * begins again after a back-off; nothing is patched and nothing is skipped.
 */
export const startTask = (d: TaskDeps): Task => {
  const { task, clock, log } = d;
  const signal = new Signal();
  const early = d.pace.join();
  let phase: TaskPhase = 'fencing';
  let state: TaskState | undefined;
  let trouble: ServiceError | undefined;
  /** Of the present state. */
  let context: TaskContext | undefined;
  let trimming = false;
  let writer: TaskTransaction | undefined;

  const trim = async (s: TaskState, offset: number): Promise<void> => {
    if (trimming) return;
    trimming = true;
    const topic = s.context.topics.retry;
    const { logs, trimmer } = d;
    const wanted = (): boolean => state === s;
    if (await trimRetry({ topic, task, logs, trimmer, clock, log, wanted }, offset, s.ledger.end(topic)))
      s.trimmed(offset);
    trimming = false;
  };

  const inspectDeps = ({ ledger, context }: TaskState): InspectDeps => ({
    ...{ task, system: context.system, ledger, logs: d.logs },
    strangers: (gap, records) =>
      log.warn({ task, ...gap, records }, 'somebody else writes to an output of this task'),
  });

  /** Reads the state of the task from Kafka and claims its outputs; undefined when it is to stop. */
  const take = async (
    transaction: TaskTransaction,
    trace: TaskTrace | undefined,
    fencedMs: number,
  ): Promise<Taken | undefined> => {
    const since = clock.now();
    context = d.context(task);
    const committed = {
      words: await transaction.committed(),
      control: await transaction.committed(context.topics.control),
      metadata: await transaction.metadata(),
    };
    if (committed.metadata.kind === 'accepted')
      log.warn(
        { task, committed: committed.words?.toString() },
        'an operator set the offset: words are read from there; those decided within the dedup window are dropped',
      );
    const traced = trace?.context(context) ?? context;
    const restored = await restore(d.logs, traced, committed, since, d.limits.retryMaxDelayMs);
    if (signal.stopping) return undefined;
    const inspecting = inspectDeps(restored.state);
    const { controlEnd } = restored;
    await claim({ ...inspecting, ...{ state: restored.state, transaction, controlEnd, clock } });
    if (signal.stopping) return undefined;
    d.events.restored(task, (clock.now() - since) / 1000);
    const outstanding = restored.state.figures.records;
    const restoredMs = clock.now() - since;
    log.info(
      { task, nextOffset: restored.nextOffset.toString(), outstanding, fencedMs, restoredMs },
      'task restored',
    );
    return { ...restored, inspecting };
  };

  /** Judges records until it is to stop. */
  const work = async (
    taken: Taken,
    transaction: TaskTransaction,
    runner: AttemptRunner,
    trace: TaskTrace | undefined,
  ): Promise<void> => {
    d.source.open(task, taken.nextOffset, signal.wake);
    d.control.open(task, taken.controlOffset, signal.wake);
    await runSlices({
      ...{ task, transaction, runner, clock, signal, state: taken.state },
      plain: d.plain && new PlainPath(taken.state, d.plain, trace !== undefined),
      ...{
        source: d.source,
        logs: d.logs,
        reader: d.reader,
        chain: d.chain,
        limits: d.limits,
        breathe: d.breathe,
        early,
      },
      control: new ControlIntake(task, d.control, taken.state, taken.commands),
      inspect: (plan) => (written) => inspectWritten(taken.inspecting, plan, written),
      planned: () => trace?.planned(),
      committed: (plan, times) => {
        trace?.committed(times);
        failures = 0;
        if (plan.trimTo >= 0) void trim(taken.state, plan.trimTo);
        d.events.committed(task, plan, times);
      },
    });
  };

  const own = async (): Promise<void> => {
    let transaction: TaskTransaction | undefined;
    let runner: AttemptRunner | undefined;
    const trace = d.trace?.(task);
    signal.failure = undefined;
    try {
      phase = 'fencing';
      const since = clock.now();
      transaction = await d.transactions.fence(task);
      const fencedMs = clock.now() - since;
      if (signal.stopping) return;
      phase = 'restoring';
      const taken = await take(transaction, trace, fencedMs);
      if (taken === undefined) return;
      state = taken.state;
      writer = transaction;
      phase = 'running';
      trouble = undefined;
      const { recordMaxBytes } = d.limits;
      runner = new AttemptRunner(state, d.reader, d.chain, d.budget, recordMaxBytes, signal.wake, trace);
      await work(taken, transaction, runner, trace);
    } finally {
      d.source.close(task);
      d.control.close(task);
      runner?.close(clock.now());
      trace?.close();
      context?.memory.close();
      state = undefined;
      writer = undefined;
      // Not awaited: a broken connection may take its time, the next fence does not depend on it.
      void transaction?.close();
    }
  };

  const waitForOwnership = async (): Promise<void> => {
    while (!signal.stopping && !(await d.owns(task).catch(() => false)))
      await signal.wait(clock, OWNERSHIP_POLL_MS);
  };

  let failures = 0;
  const run = async (): Promise<void> => {
    while (!signal.stopping) {
      try {
        await own();
      } catch (error) {
        const e = isServiceError(error)
          ? error
          : new ServiceError('TRANSACTION_FAILED', `task ${task} failed: ${String(error)}`, { task }, error);
        trouble = e;
        d.events.failed(task, e);
        if (signal.stopping) {
          log.warn({ task, code: e.code, cause: rootMessage(e) }, 'the task stopped with an error');
          break;
        }
        const longest = backOffMs(++failures, BACK_OFF);
        const waits = e.code === 'PRODUCER_FENCED' || e.action === 'pause';
        logRetry(
          log,
          { task, action: e.action },
          {
            error: isServiceError(error) ? e : error,
            againInMs: longest,
            again: `task starts again from Kafka${waits ? ', if it is still ours,' : ''} within`,
          },
        );
        phase = 'waiting';
        // Fencing without owning the task would only throw its owner out, and be thrown out in turn. Logs that are not what they
        // should be may just be those of a newer owner.
        if (waits) await waitForOwnership();
        const until = clock.now() + longest * (0.5 + d.random() / 2);
        while (!signal.stopping && clock.now() < until) await signal.wait(clock, until - clock.now());
      }
    }
    phase = 'stopped';
  };

  const fail = (error: ServiceError): void => {
    if (phase !== 'running') return;
    signal.failure ??= { error };
    signal.wake();
  };

  const done = run();
  return {
    phase: () => phase,
    state: () => state,
    trouble: () => trouble,
    fail,
    verify: () => writer?.verify().catch(fail) ?? Promise.resolve(),
    stop: () => {
      signal.stopping = true;
      signal.wake();
      return done;
    },
  };
};
