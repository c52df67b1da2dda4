import type { Clock } from '@verdikt/core/clock.ts';
import type { CommitNote } from '@verdikt/core/commit-note.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/log.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { LogReader, TopicFacts } from '../ports.ts';
import { byRole, checkEnds, checkTopics, ROLES, type Bounds } from './expected.ts';
import type { TaskState } from './state.ts';
import type { Task } from './task.ts';

export interface LogWatchDeps {
  readonly topics: TopicNames;
  /** Of each topic. */
  readonly partitions: number;
  readonly logs: Pick<LogReader, 'describe' | 'bounds'>;
  readonly tasks: () => ReadonlyMap<number, Pick<Task, 'state' | 'fail' | 'verify'>>;
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

  type Running = Pick<Task, 'fail' | 'verify'>;
  const running = (): [number, TaskState, Running][] =>
    [...d.tasks()].flatMap(([task, t]) => {
      const state = t.state();
      return state === undefined ? [] : [[task, state, t] as [number, TaskState, Running]];
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
        'a topic has more partitions than this system: records in the new ones are not judged; `verdikt copy --to-prefix NEW` takes them to another system',
      );
    grown = found;
    return facts;
  };

  const lookAtTask = async (task: number, state: TaskState, facts: readonly TopicFacts[]): Promise<void> => {
    // Asked for before the bounds: it only rises.
    const ends = Object.fromEntries(OUTPUTS.map((role) => [role, state.ledger.end(topics[role])]));
    const [results, retry, deadLetters] = await Promise.all(
      OUTPUTS.map((role) => logs.bounds(topics[role], task)),
    );
    try {
      check(d, task, state, facts, ends, { results, retry, deadLetters });
    } catch (e) {
      if (!isServiceError(e)) throw e;
      if (d.tasks().get(task)?.state() === state) d.tasks().get(task)?.fail(e);
    }
  };

  const look = async (): Promise<void> => {
    try {
      const facts = await lookAtTopics();
      for (const [task, state, t] of running()) {
        await lookAtTask(task, state, facts);
        await t.verify();
      }
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

/** Throws as a restore would; `ends` were expected before `bounds` were asked for. */
const check = (
  { topics, partitions }: LogWatchDeps,
  task: number,
  { ledger, log, lanes }: TaskState,
  facts: readonly TopicFacts[],
  ends: CommitNote['ends'],
  bounds: Readonly<Record<(typeof OUTPUTS)[number], Bounds>>,
): void => {
  checkTopics(topics, task, partitions, byRole(facts), { partitions, ids: ledger.ids });
  checkEnds(topics, task, bounds, { ends });
  const base = log.base();
  const { start } = bounds.retry;
  if (start <= base || lanes.size === 0) return;
  throw new ServiceError(
    'OFFSET_LOST',
    `${topics.retry}-${task} was cut up to ${start}, but has outstanding entries from ${base} on; \`verdikt offsets set --partition ${task}\` accepts that`,
    { topic: topics.retry, partition: task, base, start },
  );
};
