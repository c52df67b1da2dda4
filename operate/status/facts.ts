import type { GroupReport } from '@verdikt/core/ports/inspector.ts';
import { lanesOf, type LaneSummary } from '../offsets/lanes.ts';
import { lookAtTask, type LookOptions, type OffsetsReader, type StopCode } from '../offsets/look.ts';
import { askAll, placesOf, type Ask, type Asked } from './processors.ts';

/** One task as Kafka shows it. */
export interface TaskFacts {
  readonly task: number;
  readonly committed: number | null;
  /** Records of `words` that are not committed. */
  readonly lag: number;
  /** Undefined: its logs are not as they should be, see `stop`. */
  readonly lanes: LaneSummary | undefined;
  /** What it would stop with if it were taken now. */
  readonly stop: { readonly code: StopCode; readonly message: string } | undefined;
}

export interface StatusFacts {
  readonly system: string;
  readonly now: number;
  readonly group: GroupReport;
  readonly tasks: readonly TaskFacts[];
  readonly processors: readonly Asked[];
}

/** What the logs of a task are looked at with. */
interface TaskLook extends Omit<LookOptions, 'lanes'> {
  readonly reader: OffsetsReader;
  readonly now: () => number;
}

interface LookDeps extends TaskLook {
  readonly group: (id: string) => Promise<GroupReport>;
  readonly ask: Ask;
}

/** Looks at everything, and changes nothing. `given`: addresses of processors. Rejects where Kafka cannot be asked. */
export const lookAtSystem = async (d: LookDeps, given: readonly string[]): Promise<StatusFacts> => {
  const { system } = d;
  const group = await d.group(system);
  const asking = askAll(placesOf(given, group), system, d.ask);
  const tasks: TaskFacts[] = [];
  for (let task = 0; task < d.partitions; task++) tasks.push(await taskFactsOf(d, task));
  return { system, now: d.now(), group, tasks, processors: await asking };
};

/** Takes as long as restoring the task, and holds what is outstanding meanwhile. Rejects as LogReader does. */
export const taskFactsOf = async (d: TaskLook, task: number): Promise<TaskFacts> => {
  const looked = await lookAtTask(d.reader, { ...d, lanes: true }, task);
  const words = await d.reader.logs.bounds(d.topics.words, task);
  const committed = looked.committed === null ? null : Number(looked.committed);
  return {
    ...{ task, committed, stop: looked.error },
    lag: Math.max(0, words.end - Math.max(committed ?? 0, words.start)),
    lanes: looked.entries && lanesOf(looked.entries, d.now()),
  };
};
