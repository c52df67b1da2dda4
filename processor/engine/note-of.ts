import { fingerprint, xor53, type CommitNote, type TopicRole } from '@verdikt/core/commit-note.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import { parseRetryEntry } from '../policy/retry-entry.ts';
import type { LogReader, TopicFacts } from '../ports.ts';
import { idsOf, ROLES } from './expected.ts';

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
  const live = new Map<string, { readonly origin: number; readonly redrive: number }>();
  await logs.scan(topics.retry, task, retry.start, retry.end, (record) => {
    const parsed = parseRetryEntry(record);
    if (parsed.kind === 'entry') live.set(`${parsed.origin} ${parsed.redrive}`, parsed);
    else if (parsed.kind === 'completed')
      for (const e of parsed.ended) live.delete(`${e.origin} ${e.redrive}`);
  });
  let print = 0;
  let origins = 0;
  for (const { origin, redrive } of live.values()) {
    print = xor53(print, fingerprint(origin, redrive));
    origins = xor53(origins, origin);
  }
  return {
    partitions,
    ids: idsOf(facts),
    ends: { results: results.end, retry: retry.end, deadLetters: deadLetters.end },
    ...{ live: live.size, print, origins },
  };
};
