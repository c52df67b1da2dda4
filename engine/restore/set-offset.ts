import type { OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { TaskTransactions } from '@verdikt/core/ports/transactions.ts';
import type { Bounds } from './expected.ts';
import { noteOf } from './note-of.ts';
import { readTold, type Told } from '../state/told.ts';
import { OUTPUTS } from './topic-logs.ts';

export interface OffsetFacts {
  readonly committed: bigint | null;
  readonly metadata: OffsetMetadata;
  /** Highest offset of `words` that the outputs say was committed with them; undefined: they say nothing. */
  readonly told: number | undefined;
  readonly words: Bounds;
}

/** `right`: where this system left off, as far as the outputs and its own commits tell. */
export type OffsetTarget = 'right' | 'start' | 'end' | number;

/** What the outputs of `system` say, of any topic that had the name of `words`; records of others do not count. */
export const toldByOutputs = async (
  logs: LogReader,
  topics: TopicNames,
  system: string,
  task: number,
): Promise<Told[]> => {
  const found = await Promise.all(
    OUTPUTS.map(async (role) => {
      const topic = topics[role];
      return (await readTold(logs, topic, task, await logs.bounds(topic, task))).told;
    }),
  );
  return found.filter((t): t is Told => t?.system === system);
};

/** The highest offset among them of the topic with this id; undefined: none tells it. */
export const highestTold = (told: readonly Told[], id: string | undefined): number | undefined => {
  const ours = told.filter((t) => t.wordsId === undefined || id === undefined || t.wordsId === id);
  return ours.length === 0 ? undefined : Math.max(...ours.map((t) => t.next));
};

/** What the outputs of `system` say; records of others, and of another topic of the name of `words`, do not count. */
export const toldOf = async (
  logs: LogReader,
  topics: TopicNames,
  system: string,
  task: number,
): Promise<number | undefined> => {
  const told = await toldByOutputs(logs, topics, system, task);
  const [words] = await logs.describe([topics.words]);
  return highestTold(told, words?.id);
};

/** Where `target` is. Throws CONFIG_INVALID for an offset that is not in the log, or where nothing tells what is right. */
export const offsetFor = (
  target: OffsetTarget,
  { committed, metadata, told, words }: OffsetFacts,
): number => {
  if (target === 'start') return words.start;
  if (target === 'end') return words.end;
  if (target === 'right') {
    // What somebody else committed says nothing.
    const ours = metadata.kind === 'foreign' || committed === null ? undefined : Number(committed);
    if (ours === undefined && told === undefined)
      throw new ServiceError(
        'CONFIG_INVALID',
        `to: nothing tells where this system left off. Remedy: write an offset from ${words.start} to ${words.end}, \`start\` or \`end\`.`,
        { field: 'to', ...words },
      );
    return Math.min(words.end, Math.max(words.start, ours ?? 0, told ?? 0));
  }
  if (target >= words.start && target <= words.end) return target;
  throw new ServiceError(
    'CONFIG_INVALID',
    `to: the log has offsets ${words.start} to ${words.end}. Remedy: write one of them.`,
    { field: 'to', ...words },
  );
};

interface SetOffsetDeps {
  readonly logs: LogReader;
  readonly transactions: TaskTransactions;
  readonly topics: TopicNames;
  readonly system: string;
  /** Of each topic of the system, where no commit of a processor tells. */
  readonly partitions: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Sets the committed offset of a task and accepts its logs as they are: what is missing there is given up, and a later owner does not
 * stop for it. Shuts out the processor that works on the task; it goes on from here when it takes the task again.
 *
 * Rejects with CONFIG_INVALID, or as TaskTransactions do: PRODUCER_FENCED where a processor was faster.
 */
export const setOffset = async (
  d: SetOffsetDeps,
  task: number,
  target: OffsetTarget,
): Promise<{ readonly before: OffsetFacts; readonly to: number }> => {
  const { logs, topics } = d;
  const transaction = await d.transactions.fence(task);
  try {
    const [committed, metadata] = [await transaction.committed(), await transaction.metadata()];
    const told = await toldOf(logs, topics, d.system, task);
    const before = { committed, metadata, told, words: await logs.bounds(topics.words, task) };
    const to = offsetFor(target, before);
    const known = metadata.kind === 'foreign' ? undefined : metadata.note?.partitions;
    const note = await noteOf(logs, topics, known ?? d.partitions, task);
    await transaction.commit({ outputs: [], nextOffset: BigInt(to), note, accepted: { at: d.now() } });
    return { before, to };
  } finally {
    await transaction.close();
  }
};
