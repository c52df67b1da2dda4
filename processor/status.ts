import type { ServiceError } from '@verdikt/core/errors.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { Task } from '@verdikt/engine/task/task.ts';
import type { TaskState } from '@verdikt/engine/state/state.ts';
import type { CircuitName } from '@verdikt/core/ports/circuit.ts';
import { limitState } from './limit-log.ts';
import { intakeStopped } from './live.ts';
import type { ProcessorStatus, TaskStatus } from '@verdikt/core/service/processor-status.ts';

interface StatusFacts {
  readonly version: string;
  /** See core/record/system.ts. */
  readonly system: string;
  readonly now: number;
  readonly joined: boolean;
  readonly standby: string | undefined;
  readonly refusal: ServiceError | undefined;
  readonly grown: ReadonlyMap<string, number>;
  readonly tasks: ReadonlyMap<number, Pick<Task, 'phase' | 'state' | 'trouble'>>;
  readonly source: Pick<RecordSource, 'lag'>;
  readonly circuits: ReadonlyMap<string, CircuitName>;
  readonly rssBytes: number;
  readonly limitBytes: number;
}

/** What a processor knows of itself; see statusSchema. */
export const statusOf = (f: StatusFacts): ProcessorStatus => ({
  version: f.version,
  system: f.system,
  at: f.now,
  joined: f.joined,
  ...(f.standby === undefined ? {} : { standby: f.standby }),
  ...(f.refusal === undefined ? {} : { refusal: { code: f.refusal.code, message: f.refusal.message } }),
  grown: [...f.grown].map(([topic, partitions]) => ({ topic, partitions })),
  tasks: [...f.tasks].sort(([a], [b]) => a - b).map(([task, t]) => taskStatus(task, t, f.source, f.now)),
  circuits: [...f.circuits].map(([check, state]) => ({ check, state })),
  memory: { rssBytes: f.rssBytes, limitBytes: f.limitBytes },
});

const taskStatus = (
  task: number,
  t: Pick<Task, 'phase' | 'state' | 'trouble'>,
  source: Pick<RecordSource, 'lag'>,
  now: number,
): TaskStatus => {
  const trouble = t.trouble();
  const state = t.state();
  return {
    task,
    phase: t.phase(),
    ...(trouble === undefined
      ? {}
      : {
          trouble: {
            code: trouble.code,
            waitsForOperator: trouble.action === 'pause',
            message: trouble.message,
          },
        }),
    ...(state === undefined ? {} : { lag: source.lag(task), ...stateStatus(state, now) }),
  };
};

const since = (at: number, now: number): number => Math.max(0, Math.round(now - Math.min(at, now)));

const stateStatus = (s: TaskState, now: number): Partial<TaskStatus> => {
  const stopped = intakeStopped(s, now);
  return {
    lanes: {
      records: s.figures.records,
      keys: s.figures.keys,
      due: s.countDue(now),
      overdueMs: since(s.figures.dueAt, now),
    },
    parked: { keys: s.figures.parkedKeys, oldestMs: since(s.figures.oldestParked, now) },
    limit: {
      state: limitState(s.limitState(now)),
      held: s.figures.held,
      max: s.context.deadLetterMax,
    },
    dedup: { ids: s.figures.dedupIds, windowMs: s.figures.dedupMs },
    ...(stopped === undefined ? {} : { intake: { reason: stopped } }),
  };
};
