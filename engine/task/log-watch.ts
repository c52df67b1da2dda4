import type { Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { checkEnds, checkTopics, ROLES } from '../restore/expected.ts';
import type { TaskState } from '../state/state.ts';
import type { Task } from './task.ts';
import { describeTopics, outputBounds, OUTPUTS, type OutputBounds } from '../restore/topic-logs.ts';

interface LogWatchDeps {
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

interface LogWatch {
  /** Topics that have more partitions than this system uses, with how many: none of our tasks reads those. */
  readonly grown: () => ReadonlyMap<string, number>;
  /** Looks once; never rejects. */
  look(): Promise<void>;
  stop(): void;
}

const EVERY_MS = 15_000;
/** Between two looks at an output that seems too short. */
const SETTLE_MS = 2_000;
type Facts = Awaited<ReturnType<typeof describeTopics>>;

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

  const lookAtTopics = async (): Promise<Facts> => {
    const facts = await describeTopics(logs, topics);
    const found = new Map<string, number>();
    for (const role of ROLES)
      if (facts[role].partitions > partitions) found.set(topics[role], facts[role].partitions);
    // Once for each growth: metric and readiness keep on telling.
    for (const [topic, count] of found)
      if (grown.get(topic) !== count)
        log.error(
          { code: 'TOPIC_CHANGED', topic, partitions: count, expected: partitions },
          'a topic has more partitions than this system: records in the new ones are not judged; `verdikt copy --to-prefix NEW` takes them to another system',
        );
    grown = found;
    return facts;
  };

  const lookAtTask = async (task: number, state: TaskState, facts: Facts): Promise<void> => {
    // Asked for before the bounds: it only rises.
    const end = (role: (typeof OUTPUTS)[number]): number => state.ledger.end(topics[role]);
    const ends = { results: end('results'), deadLetters: end('deadLetters'), retry: end('retry') };
    const bounds = await outputBounds(logs, topics, task);
    try {
      check(d, task, state, facts, bounds);
      if (OUTPUTS.every((role) => bounds[role].end >= ends[role])) return;
      // The marker of a commit is written a moment after the commit is answered, and a new leader shows the last records of the old
      // one a moment after it took over.
      await new Promise<void>((resolve) => d.clock.after(SETTLE_MS, resolve));
      checkEnds(topics, task, await outputBounds(logs, topics, task), { ends });
    } catch (e) {
      if (!isServiceError(e)) throw e;
      if (d.tasks().get(task)?.state() === state) d.tasks().get(task)?.fail(e);
    }
  };

  const look = async (): Promise<void> => {
    try {
      const facts = await lookAtTopics();
      for (const [task, state, t] of running()) {
        // First: an end that was forgotten leaves an output shorter than it should be.
        await t.verify();
        await lookAtTask(task, state, facts);
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

/** Throws as a restore would, but for the ends. */
const check = (
  { topics, partitions }: LogWatchDeps,
  task: number,
  { ledger, retryBase: base, figures }: TaskState,
  facts: Facts,
  bounds: OutputBounds,
): void => {
  checkTopics(topics, task, partitions, facts, { partitions, ids: ledger.ids });
  const { start } = bounds.retry;
  if (start <= base || figures.records === 0) return;
  throw new ServiceError(
    'OFFSET_LOST',
    `${topics.retry}-${task} was cut up to ${start}, but has outstanding entries from ${base} on; \`verdikt offsets set --partition ${task}\` accepts that`,
    { topic: topics.retry, partition: task, base, start },
  );
};
