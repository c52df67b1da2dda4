import type { Registry } from 'prom-client';
import type { Assignment } from '@verdikt/core/ports/membership.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { SlicePlan, Tally, SliceTimes } from '@verdikt/engine/state/plan.ts';
import { blockedTasks, type Task, type TaskEvents } from '@verdikt/engine/task/task.ts';
import type { TaskState } from '@verdikt/engine/state/state.ts';
import type { CircuitName } from '@verdikt/core/ports/circuit.ts';
import type { CheckObserver } from './checks/guard.ts';
import { hangs, intakeStopped, pulseOf, type Patience } from './live.ts';
import {
  CHECK_CIRCUIT_STATE,
  CIRCUIT_STATE,
  createProcessorMetrics,
  type ProcessorMetrics,
} from './metrics.ts';

interface ReportDeps {
  readonly registry: Registry;
  readonly topic: string;
  readonly deadLetterTopic: string;
  readonly partitions: number;
  readonly source: RecordSource;
  readonly tasks: () => ReadonlyMap<number, Task>;
  readonly joined: () => boolean;
  /** Topics with more partitions than this system uses. */
  readonly grown: () => ReadonlyMap<string, number>;
  readonly now: () => number;
  readonly version: string;
  readonly patience: Patience;
}

type Report = TaskEvents & {
  rebalanced(assignment: Assignment): void;
  readonly checks: CheckObserver;
  /** State of the circuit of each check that has one. */
  readonly circuits: ReadonlyMap<string, CircuitName>;
  /** True, or which task hangs; see live.ts. What waits for an operator or for a dependency is alive. */
  live(): true | string;
};

/** Turns what the engine does into metrics. Gauges are read when they are scraped. */
export const createReport = (d: ReportDeps): Report => {
  const newest = new Map<number, number>();
  const progress = new Map<number, number>();
  const workSince = new Map<number, number>();
  const circuits = new Map<string, CircuitName>();

  const running = (): [number, TaskState][] =>
    [...d.tasks()].flatMap(([task, t]) => {
      const state = t.state();
      return state === undefined ? [] : [[task, state] as [number, TaskState]];
    });
  const each = (
    gauge: { set(labels: { partition: string }, n: number): void },
    f: (s: TaskState) => number,
  ): void => {
    for (const [task, state] of running()) gauge.set({ partition: String(task) }, f(state));
  };
  const topic = d.topic;

  /** Seen from scrape to scrape: a task that was idle for an hour has not been stalled for an hour. */
  const stalled = (task: number, s: TaskState): number => {
    const now = d.now();
    const words = intakeStopped(s, now) === undefined && d.source.lag(task) > 0;
    if (!words && s.countDue(now) === 0) {
      workSince.delete(task);
      return 0;
    }
    const since = workSince.get(task) ?? now;
    workSince.set(task, since);
    return Math.max(0, now - Math.max(since, progress.get(task) ?? 0)) / 1000;
  };

  const m = createProcessorMetrics(d.registry, {
    lag: (g) => {
      for (const [task] of running()) g.set({ topic, partition: String(task) }, d.source.lag(task));
    },
    backlog: (g) => {
      for (const [task, state] of running())
        g.set(
          { topic, partition: String(task) },
          intakeStopped(state, d.now()) === undefined ? d.source.lag(task) : 0,
        );
    },
    intakeStopped: (g) => {
      for (const [task, state] of running()) {
        const reason = intakeStopped(state, d.now());
        if (reason !== undefined) g.set({ partition: String(task), reason }, 1);
      }
    },
    lagSeconds: (g) => {
      for (const [task] of running()) {
        const read = d.source.lag(task) > 0 ? newest.get(task) : undefined;
        g.set(
          { topic, partition: String(task) },
          read === undefined ? 0 : Math.max(0, (d.now() - read) / 1000),
        );
      }
    },
    due: (g) => each(g, (s) => s.countDue(d.now())),
    dueSeconds: (g) => each(g, (s) => Math.max(0, (d.now() - Math.min(s.figures.dueAt, d.now())) / 1000)),
    lanes: (g) => each(g, (s) => s.figures.records),
    laneValues: (g) => each(g, (s) => s.figures.cachedBytes),
    parkedKeys: (g) => each(g, (s) => s.figures.parkedKeys),
    parkedSeconds: (g) =>
      each(g, (s) => Math.max(0, (d.now() - Math.min(s.figures.oldestParked, d.now())) / 1000)),
    dedupIds: (g) => each(g, (s) => s.figures.dedupIds),
    dedupSeconds: (g) => each(g, (s) => s.figures.dedupMs / 1000),
    retryLog: (g) => each(g, (s) => s.figures.logLength),
    circuit: (g) => each(g, (s) => CIRCUIT_STATE[s.limitState(d.now())]),
    stalled: (g) => {
      for (const [task, state] of running()) g.set({ partition: String(task) }, stalled(task, state));
    },
    checkCircuit: (g) => {
      for (const [check, state] of circuits) g.set({ check }, CHECK_CIRCUIT_STATE[state]);
    },
    partitions: (g) => g.set(d.partitions),
    tasks: (g) => {
      const phases = { fencing: 0, restoring: 0, running: 0, waiting: 0, stopped: 0 };
      for (const t of d.tasks().values()) phases[t.phase()]++;
      for (const [state, n] of Object.entries(phases)) g.set({ state }, n);
    },
    taskBlocked: (g) => {
      for (const [task, { code }] of blockedTasks(d.tasks())) g.set({ partition: String(task), code }, 1);
    },
    topicChanged: (g) => {
      for (const name of d.grown().keys()) g.set({ topic: name }, 1);
    },
    assigned: (g) => g.set(d.tasks().size),
    ready: (g) => g.set(d.joined() && [...d.tasks().values()].every((t) => t.phase() !== 'waiting') ? 1 : 0),
    buildInfo: (g) => g.set({ version: d.version, node: process.version }, 1),
  });

  // Their first increase is seen only from a 0.
  m.transactions.inc({ result: 'committed' }, 0);
  m.verdicts.inc({ answer: 'accepted' }, 0);
  m.verdicts.inc({ answer: 'refused' }, 0);

  return {
    checks: {
      called: (check, seconds) => m.checkSeconds.observe({ check }, seconds),
      circuit: (check, state) => void circuits.set(check, state),
    },
    circuits,
    committed: (task, plan, times) => {
      if (plan.tally.newest >= 0) newest.set(task, plan.tally.newest);
      progress.set(task, times.committed);
      countPlan(m, topic, d.deadLetterTopic, plan.tally);
      timePlan(m, plan, times);
    },
    restored: (task, seconds) => {
      progress.set(task, d.now());
      workSince.delete(task);
      m.restoreSeconds.observe(seconds);
    },
    failed: (_task, error) => {
      m.taskFailures.inc({ code: error.code });
      m.transactions.inc({ result: error.code });
    },
    rebalanced: () => m.rebalances.inc(),
    live: () => {
      for (const [task, state] of running()) {
        const now = d.now();
        const pulse = pulseOf(task, state, d.source, now, progress.get(task) ?? now);
        if (hangs(pulse, d.patience))
          return `task ${task} hangs: it has work and has committed nothing for ${pulse?.stillMs} ms`;
      }
      return true;
    },
  };
};

const countPlan = (m: ProcessorMetrics, topic: string, deadLetterTopic: string, t: Tally): void => {
  m.consumed.inc({ topic }, t.consumed);
  m.queued.inc(t.queued);
  m.duplicates.inc(t.duplicates);
  m.held.inc(t.held);
  for (const [name, n] of t.commands) {
    const [command = '', result = ''] = name.split(' ');
    m.commands.inc({ command, result }, n);
  }
  m.verdicts.inc({ answer: 'accepted' }, t.accepted);
  m.verdicts.inc({ answer: 'refused' }, t.refused);
  m.attempts.inc({ outcome: 'done', reason: '' }, t.accepted + t.refused);
  for (const [reason, n] of t.retries) {
    m.retries.inc({ reason }, n);
    m.attempts.inc({ outcome: 'retry', reason }, n);
  }
  for (const [reason, n] of t.waits) m.attempts.inc({ outcome: 'wait', reason }, n);
  for (const [outcome, reasons] of [
    ['reject', t.rejected],
    ['exhausted', t.exhausted],
  ] as const)
    for (const [reason, n] of reasons) {
      m.attempts.inc({ outcome, reason }, n);
      m.deadLetters.inc({ topic: deadLetterTopic, reason }, n);
    }
};

const timePlan = (m: ProcessorMetrics, plan: SlicePlan, { begun, sent, committed }: SliceTimes): void => {
  m.transactions.inc({ result: 'committed' });
  m.transactionSeconds.observe((committed - sent) / 1000);
  m.sliceSeconds.observe((committed - begun) / 1000);
  m.sliceRecords.observe(plan.outputs.reduce((n, o) => n + o.records.length, 0));
  for (const at of plan.tally.submitted) m.endToEndSeconds.observe(Math.max(0, (committed - at) / 1000));
};
