import { isServiceError } from '@verdikt/core/errors.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { checkLogs, entriesLost } from '@verdikt/engine/restore/check-logs.ts';
import { missingEntries } from '@verdikt/engine/restore/expected.ts';
import { liveEntries, sumOf, type LiveEntry } from '@verdikt/engine/restore/live-entries.ts';
import type { CommittedState, LogReader } from '@verdikt/core/ports/logs.ts';

/** A cluster, as far as the offsets of tasks are looked at. */
export interface OffsetsReader {
  readonly logs: LogReader;
  /** What the group has committed for a partition of `words`, with what goes beside it. */
  offset(group: string, topic: string, partition: number): Promise<CommittedState>;
}

const STOPS = ['OFFSET_LOST', 'OFFSET_MOVED', 'TOPIC_CHANGED', 'TOPIC_TAKEN', 'TRANSACTION_HANGING'] as const;
export type StopCode = (typeof STOPS)[number];

interface Looked extends CommittedState {
  /** What the task would stop with; undefined: it would go on. */
  readonly error: { readonly code: StopCode; readonly message: string } | undefined;
  /** Outstanding entries, by origin; undefined: not looked at, or there is an error. */
  readonly entries: readonly LiveEntry[] | undefined;
}

export interface LookOptions {
  readonly topics: TopicNames;
  /** See core/record/system.ts. */
  readonly system: string;
  /** Of the system, where no commit tells. */
  readonly partitions: number;
  /** Also read the retry partitions, which takes as long as a restore. */
  readonly lanes: boolean;
  /** Between two looks at something that seems wrong. */
  readonly wait: (ms: number) => Promise<void>;
  /** Resolves when one look has taken too long: readers wait for a transaction that does not end. `over`: nobody waits any more. */
  readonly late: (over: AbortSignal) => Promise<void>;
}

/** A commit is seen in the outputs a little before it is seen in the offset. */
const AGAIN_MS = 500;
const LOOKS = 5;

/**
 * What a task would find if it were taken now. On a live system its commit, its outputs and its offset are not seen at one moment, so
 * an error counts only if it is there twice with nothing committed in between; a task that commits meanwhile works.
 * Changes nothing. Rejects as LogReader does.
 */
export const lookAtTask = async (reader: OffsetsReader, o: LookOptions, task: number): Promise<Looked> => {
  let last = await lookOnce(reader, o, task);
  for (let i = 1; last.error !== undefined && i < LOOKS; i++) {
    await o.wait(AGAIN_MS);
    const next = await lookOnce(reader, o, task);
    if (next.committed === last.committed && next.error?.code === last.error.code) return next;
    last = next;
  }
  return { ...last, error: undefined };
};

const lookOnce = async (
  { logs, offset }: OffsetsReader,
  { topics, system, partitions, lanes, late }: LookOptions,
  task: number,
): Promise<Looked> => {
  const { committed, metadata } = await offset(system, topics.words, task);
  const known = metadata.kind === 'foreign' ? undefined : metadata.note?.partitions;
  const owned = { topics, system, task, partitions: known ?? partitions };
  const stopped = (code: StopCode, message: string): Looked => ({
    ...{ committed, metadata, error: { code, message }, entries: undefined },
  });
  const over = new AbortController();
  try {
    const checking = checkLogs(logs, owned, { words: committed, metadata });
    const checked = await Promise.race([checking, late(over.signal)]);
    if (checked === undefined) {
      // It ends with the connection.
      checking.catch(() => undefined);
      return stopped(
        'TRANSACTION_HANGING',
        `readers of the outputs of task ${task} wait for a transaction that does not end; \`verdikt doctor\` tells which`,
      );
    }
    if (!lanes) return { committed, metadata, error: undefined, entries: undefined };
    const entries = await liveEntries(logs, topics.retry, task, checked.retry);
    const lost = missingEntries(checked.note, sumOf(entries));
    if (lost === undefined) return { committed, metadata, error: undefined, entries };
    const origins = lost.origin === undefined ? [] : [lost.origin];
    return stopped('OFFSET_LOST', entriesLost(topics, task, lost, origins).message);
  } catch (e) {
    const code = STOPS.find((c) => isServiceError(e, c));
    if (code === undefined) throw e;
    return stopped(code, (e as Error).message);
  } finally {
    over.abort();
  }
};
