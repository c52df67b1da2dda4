import { isServiceError, type ServiceError } from '@verdikt/core/errors.ts';
import type { OffsetMetadata } from '@verdikt/core/commit-note.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import { checkLogs, entriesLost } from '@verdikt/processor/engine/check-logs.ts';
import { missingEntries } from '@verdikt/processor/engine/expected.ts';
import { liveEntries, sumOf } from '@verdikt/processor/engine/live-entries.ts';
import type { Logs } from '../ports.ts';

export interface CommittedState {
  readonly committed: bigint | null;
  readonly metadata: OffsetMetadata;
}

/** A cluster, as far as the offsets of tasks are looked at. */
export interface OffsetsReader {
  readonly logs: Logs;
  /** What the group has committed for a partition of `words`, with what goes beside it. */
  offset(group: string, topic: string, partition: number): Promise<CommittedState>;
}

export interface Looked extends CommittedState {
  /** What the task would stop with; undefined: it would go on. */
  readonly error: ServiceError | undefined;
  /** Outstanding entries; undefined: not looked at, or an error came before. */
  readonly live: number | undefined;
}

export interface LookOptions {
  readonly topics: TopicNames;
  /** See core/system.ts. */
  readonly system: string;
  /** Of the system, where no commit tells. */
  readonly partitions: number;
  /** Also read the retry partitions, which takes as long as a restore. */
  readonly lanes: boolean;
  /** Between two looks at something that seems wrong. */
  readonly wait: () => Promise<void>;
}

const STOPS = ['OFFSET_LOST', 'OFFSET_MOVED', 'TOPIC_CHANGED', 'TOPIC_TAKEN'] as const;
const LOOKS = 5;

/**
 * What a task would find if it were taken now. On a live system its commit, its outputs and its offset are not seen at one moment, so
 * an error counts only if it is there twice with nothing committed in between; a task that commits meanwhile works.
 * Changes nothing. Rejects as LogReader does.
 */
export const lookAtTask = async (reader: OffsetsReader, o: LookOptions, task: number): Promise<Looked> => {
  let last = await lookOnce(reader, o, task);
  for (let i = 1; last.error !== undefined && i < LOOKS; i++) {
    await o.wait();
    const next = await lookOnce(reader, o, task);
    if (next.committed === last.committed && next.error?.code === last.error.code) return next;
    last = next;
  }
  return { ...last, error: undefined };
};

const lookOnce = async (
  { logs, offset }: OffsetsReader,
  { topics, system, partitions, lanes }: LookOptions,
  task: number,
): Promise<Looked> => {
  const { committed, metadata } = await offset(system, topics.words, task);
  const known = metadata.kind === 'foreign' ? undefined : metadata.note?.partitions;
  const owned = { topics, system, task, partitions: known ?? partitions };
  try {
    const { note, retry } = await checkLogs(logs, owned, { words: committed, metadata });
    if (!lanes) return { committed, metadata, error: undefined, live: undefined };
    const sum = sumOf(await liveEntries(logs, topics.retry, task, retry));
    const lost = missingEntries(note, sum);
    const origins = lost?.origin === undefined ? [] : [lost.origin];
    const error = lost === undefined ? undefined : entriesLost(topics, task, lost, origins);
    return { committed, metadata, error, live: sum.size };
  } catch (e) {
    const error = STOPS.find((code) => isServiceError(e, code));
    if (error === undefined) throw e;
    return { committed, metadata, error: e as ServiceError, live: undefined };
  }
};
