import type { Clock } from '@verdikt/core/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/log.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { LogReader, TopicFacts } from '../ports.ts';
import { ROLES, type Bounds } from './expected.ts';
import type { TaskState } from './state.ts';
import type { Task } from './task.ts';

export interface LogWatchDeps {
  readonly topics: TopicNames;
  /** Of each topic. */
  readonly partitions: number;
  readonly logs: Pick<LogReader, 'describe' | 'bounds'>;
  readonly tasks: () => ReadonlyMap<number, Pick<Task, 'state' | 'fail'>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Between two looks; default 15,000. */
  readonly everyMs?: number;
}

export interface LogWatch {
  /** Topics that have more partitions than this system uses, with how many: whoever reads those, it is none of our tasks. */
  readonly grown: () => ReadonlyMap<string, number>;
  /** Looks once; never rejects. */
  look(): Promise<void>;
  stop(): void;
}

const EVERY_MS = 15_000;
const OUTPUTS = ['results', 'retry', 'deadLetters'] as const;

/**
 * Looks now and then whether the logs of the running tasks are still what their states say, for nobody tells a client that a topic
 * was deleted, cut or given more partitions. A task whose logs are not begins again from Kafka, where restoring says what is wrong.
 */
export const startLogWatch = (d: LogWatchDeps): LogWatch => {
  const { topics, partitions, logs, log } = d;
  let grown = new Map<string, number>();
  let cancel = (): void => undefined;
  let stopped = false;

  const running = (): [number, TaskState, Pick<Task, 'fail'>][] =>
    [...d.tasks()].flatMap(([task, t]) => {
      const state = t.state();
      return state === undefined ? [] : [[task, state, t] as [number, TaskState, Pick<Task, 'fail'>]];
    });

  const lookAtTopics = async (): Promise<readonly TopicFacts[]> => {
    const facts = await logs.describe(ROLES.map((role) => topics[role]));
    const found = new Map<string, number>();
    ROLES.forEach((role, i) => {
      if (facts[i].partitions > partitions) found.set(topics[role], facts[i].partitions);
    });
    for (const [topic, count] of found)
      log.error(
        { code: 'TOPIC_CHANGED', topic, partitions: count, expected: partitions },
        'a topic has more partitions than this system: records in the new ones are not judged; send them again',
      );
    grown = found;
    return facts;
  };

  const lookAtTask = async (task: number, state: TaskState, facts: readonly TopicFacts[]): Promise<void> => {
    const ends = OUTPUTS.map((role) => state.ledger.end(topics[role]));
    const bounds = await Promise.all(OUTPUTS.map((role) => logs.bounds(topics[role], task)));
    const error = changed(topics, partitions, state, facts) ?? shorter(topics, task, state, ends, bounds);
    if (error !== undefined && d.tasks().get(task)?.state() === state) d.tasks().get(task)?.fail(error);
  };

  const look = async (): Promise<void> => {
    try {
      const facts = await lookAtTopics();
      for (const [task, state] of running()) await lookAtTask(task, state, facts);
    } catch (e) {
      // A topic that is gone concerns all tasks; whatever else fails here fails for the tasks too, or passes.
      if (isServiceError(e, 'TOPIC_INVALID')) for (const [, , task] of running()) task.fail(e);
      else log.debug({ err: e }, 'the logs could not be looked at');
    }
  };

  const next = (): void => {
    if (stopped) return;
    cancel = d.clock.after(d.everyMs ?? EVERY_MS, () => void look().then(next));
  };
  next();

  return {
    grown: () => grown,
    look,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
};

const changed = (
  topics: TopicNames,
  partitions: number,
  state: TaskState,
  facts: readonly TopicFacts[],
): ServiceError | undefined => {
  const role = ROLES.find((r, i) => {
    const before = state.ledger.ids[r];
    const { id } = facts[i];
    return facts[i].partitions < partitions || (before !== undefined && id !== undefined && before !== id);
  });
  return role === undefined
    ? undefined
    : new ServiceError('TOPIC_CHANGED', `${topics[role]} was deleted and created again`, {
        topic: topics[role],
      });
};

/** `ends` were expected before `bounds` were asked for. */
const shorter = (
  topics: TopicNames,
  task: number,
  state: TaskState,
  ends: readonly number[],
  bounds: readonly Bounds[],
): ServiceError | undefined => {
  const i = OUTPUTS.findIndex((_, k) => bounds[k].end < ends[k]);
  if (i >= 0) {
    const topic = topics[OUTPUTS[i]];
    return new ServiceError(
      'OFFSET_LOST',
      `${topic}-${task} ends at ${bounds[i].end} instead of ${ends[i]}`,
      {
        ...{ topic, partition: task, expected: ends[i], ...bounds[i] },
      },
    );
  }
  // Asked before: it only rises.
  const base = state.log.base();
  const { start } = bounds[1];
  if (start <= base || state.lanes.size === 0) return undefined;
  return new ServiceError(
    'OFFSET_LOST',
    `${topics.retry}-${task} was cut up to ${start}, but has outstanding entries from ${base} on`,
    { topic: topics.retry, partition: task, base, start },
  );
};
