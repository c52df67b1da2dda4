import type { CommitNote, TopicRole } from '@verdikt/core/commit-note.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { LogReader, TopicFacts } from '../ports.ts';
import { idsOf, ROLES } from './expected.ts';
import { liveEntries, sumOf } from './live-entries.ts';

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
  const described = await logs.describe(ROLES.map((role) => topics[role]));
  const facts = Object.fromEntries(ROLES.map((role, i) => [role, described[i]])) as Record<
    TopicRole,
    TopicFacts
  >;
  const [results, retry, deadLetters] = await Promise.all(
    [topics.results, topics.retry, topics.deadLetters].map((t) => logs.bounds(t, task)),
  );
  const { size, print, origins } = sumOf(await liveEntries(logs, topics.retry, task, retry));
  return {
    partitions,
    ids: idsOf(facts),
    ends: { results: results.end, retry: retry.end, deadLetters: deadLetters.end },
    ...{ live: size, print, origins },
  };
};
