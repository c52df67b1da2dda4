import type { CommitNote, OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { checkEnds, checkTopics, checkWords, idsOf, startOf, type Bounds } from './expected.ts';
import type { missingEntries } from './expected.ts';
import { topicTaken } from './inspect.ts';
import { readTold } from '../state/told.ts';
import { describeTopics, outputBounds, OUTPUTS, type OutputBounds } from './topic-logs.ts';

/** A task, and the system that it belongs to. */
interface Owned {
  readonly topics: TopicNames;
  readonly task: number;
  /** See core/record/system.ts. */
  readonly system: string;
  /** Of each topic. */
  readonly partitions: number;
}

interface CheckedLogs extends OutputBounds {
  readonly words: Bounds;
  readonly note: CommitNote | undefined;
  readonly ids: CommitNote['ids'];
  readonly past: Past;
  /** Where `words` is to be read from. */
  readonly nextOffset: bigint;
}

/**
 * Holds the logs of a task against what its last commit and its outputs say of them, before any of them is read whole. Changes
 * nothing. Rejects OFFSET_LOST, OFFSET_MOVED, TOPIC_CHANGED or TOPIC_TAKEN, with the remedy; or as LogReader does.
 */
export const checkLogs = async (
  logs: LogReader,
  owned: Owned,
  committed: { readonly words: bigint | null; readonly metadata: OffsetMetadata },
): Promise<CheckedLogs> => {
  const { topics, task } = owned;
  const { metadata } = committed;
  const note = metadata.kind === 'foreign' ? undefined : metadata.note;
  const facts = await describeTopics(logs, topics);
  checkTopics(topics, task, owned.partitions, facts, note);
  const [words, outputs] = await Promise.all([
    logs.bounds(topics.words, task),
    outputBounds(logs, topics, task),
  ]);
  checkEnds(topics, task, outputs, note);
  const past = await readPast(logs, owned, outputs);
  if (metadata.kind === 'foreign') checkWords(topics, task, facts.words.id, past.wordsId);
  // What told it may have been deleted while we read.
  const now = past.next === undefined ? await outputBounds(logs, topics, task) : outputs;
  const cut = Object.values(now).some((b) => b.start > 0);
  const nextOffset = startOf(topics.words, task, committed.words, metadata, past.next, words, cut);
  return { note, ids: idsOf(facts), words, ...outputs, past, nextOffset };
};

/** `origins`: of the entries that are missing, as far as known. */
export const entriesLost = (
  topics: TopicNames,
  task: number,
  lost: NonNullable<ReturnType<typeof missingEntries>>,
  origins: readonly number[],
): ServiceError => {
  const named =
    origins.length === 0
      ? '`verdikt audit` lists them'
      : `offsets in ${topics.words}: ${origins.slice(0, NAMED).join(', ')}${origins.length > NAMED ? ', …' : ''}`;
  return new ServiceError(
    'OFFSET_LOST',
    `${topics.retry}-${task} has lost ${lost.missing} of ${lost.live} outstanding entries (${named}); \`verdikt offsets set --partition ${task}\` accepts that`,
    { topic: topics.retry, partition: task, ...lost, origins: origins.slice(0, MAX_ORIGINS) },
  );
};

/** In the text, and in the details, of an error. */
const NAMED = 20;
const MAX_ORIGINS = 1_000;

/**
 * How far the outputs say that `words` was committed, and of which topic id (undefined: they say nothing), and when the newest verdict
 * or dead letter was appended (-Infinity: there is none).
 */
interface Past {
  readonly next: number | undefined;
  readonly wordsId: string | undefined;
  readonly newest: number;
}

const readPast = async (
  logs: LogReader,
  { topics, task, system }: Owned,
  bounds: OutputBounds,
): Promise<Past> => {
  const found = await Promise.all(
    OUTPUTS.map(async (role) => ({ role, ...(await readTold(logs, topics[role], task, bounds[role])) })),
  );
  for (const { role, told } of found)
    if (told !== undefined && told.system !== system)
      throw topicTaken(topics[role], task, system, told.system);
  const [last] = found.flatMap(({ told }) => told ?? []).sort((a, b) => b.next - a.next);
  return {
    next: last?.next,
    wordsId: last?.wordsId,
    newest: Math.max(...found.flatMap(({ role, newest }) => (role === 'retry' ? [] : newest))),
  };
};
