import type { CommitNote } from '@verdikt/core/record/commit-note.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { idsOf } from './expected.ts';
import { liveEntries, sumOf } from './live-entries.ts';
import { describeTopics, outputBounds } from './topic-logs.ts';

/**
 * What a commit would say of the logs of a task as they are now. For tools, which accept that state; nobody may be writing, so fence
 * the task before.
 */
export const noteOf = async (
  logs: LogReader,
  topics: TopicNames,
  partitions: number,
  task: number,
): Promise<CommitNote> => {
  const facts = await describeTopics(logs, topics);
  const { results, retry, deadLetters } = await outputBounds(logs, topics, task);
  const { size, print, origins } = sumOf(await liveEntries(logs, topics.retry, task, retry));
  return {
    partitions,
    ids: idsOf(facts),
    ends: { results: results.end, retry: retry.end, deadLetters: deadLetters.end },
    ...{ live: size, print, origins },
  };
};
