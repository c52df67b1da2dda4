import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LogReader, TopicFacts } from '@verdikt/core/ports/logs.ts';
import { ROLES, type Bounds } from './expected.ts';

/** What a task writes and reads back. */
export const OUTPUTS = ['results', 'deadLetters', 'retry'] as const;
export type OutputBounds = Readonly<Record<(typeof OUTPUTS)[number], Bounds>>;

/** What the cluster says of the topics of a system, by role. Rejects as `LogReader.describe`. */
export const describeTopics = async (
  logs: Pick<LogReader, 'describe'>,
  topics: TopicNames,
): Promise<Readonly<Record<TopicRole, TopicFacts>>> => {
  const described = await logs.describe(ROLES.map((role) => topics[role]));
  return Object.fromEntries(ROLES.map((role, i) => [role, described[i]])) as Record<TopicRole, TopicFacts>;
};

/** Where the outputs of a task begin and end. Rejects as `LogReader.bounds`. */
export const outputBounds = async (
  logs: Pick<LogReader, 'bounds'>,
  topics: TopicNames,
  task: number,
): Promise<OutputBounds> => {
  const [results, deadLetters, retry] = await Promise.all([
    logs.bounds(topics.results, task),
    logs.bounds(topics.deadLetters, task),
    logs.bounds(topics.retry, task),
  ]);
  return { results, deadLetters, retry };
};
