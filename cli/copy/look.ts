import { systemId } from '@verdikt/core/record/system.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Bounds } from '@verdikt/engine/restore/expected.ts';
import { liveEntries, type LiveEntry } from '@verdikt/engine/restore/live-entries.ts';
import { toldByOutputs, type OffsetFacts } from '@verdikt/engine/restore/set-offset.ts';
import { outputBounds } from '@verdikt/engine/restore/topic-logs.ts';
import type { OffsetsCluster } from '@verdikt/operate/offsets/cluster.ts';
import { beginOf, type Begin } from './begin.ts';

/** The system that is copied. */
export interface Source {
  readonly topics: TopicNames;
  /** As configured. */
  readonly group: string;
  /** Of the system; `words` may have more. */
  readonly partitions: number;
}

/** What is undecided in one partition. */
export interface Undecided extends Begin {
  readonly partition: number;
  readonly words: Bounds;
  /** As the group had it; null: nothing. */
  readonly committed: bigint | null;
  /** By origin, then redrive count. */
  readonly entries: readonly LiveEntry[];
  /** Entries that the last commit left behind; undefined: no commit tells. */
  readonly noted: number | undefined;
}

type Committed = Pick<OffsetFacts, 'committed' | 'metadata'>;
const NONE: Committed = { committed: null, metadata: { kind: 'foreign' } };

/** Finds out what is undecided in a partition. `fence`: shuts out its task first, so that what is found is final. */
export const look = async (
  cluster: OffsetsCluster,
  { topics, group, partitions }: Source,
  id: string | undefined,
  partition: number,
  fence: boolean,
): Promise<Undecided> => {
  const { logs } = cluster;
  const system = systemId(topics.words, group);
  // Partitions that were added have no task: nobody has read them.
  const owned = partition < partitions;
  const { committed, metadata } = !owned
    ? NONE
    : fence
      ? await fenced(cluster, partition)
      : await cluster.offset(system, topics.words, partition);
  const words = await logs.bounds(topics.words, partition);
  if (!owned)
    return {
      ...{ partition, words, committed, from: words.start, gone: 0 },
      ...{ former: undefined, entries: [], noted: undefined },
    };
  const told = await toldByOutputs(logs, topics, system, partition);
  const outputs = await outputBounds(logs, topics, partition);
  const begin = beginOf({
    ...{ topic: topics.words, partition, id, committed, metadata, told, words },
    cut: Object.values(outputs).some((b) => b.start > 0),
  });
  const entries = await liveEntries(logs, topics.retry, partition, outputs.retry);
  const noted = metadata.kind === 'foreign' ? undefined : metadata.note?.live;
  return { ...begin, partition, words, committed, entries, noted };
};

const fenced = async ({ transactions }: OffsetsCluster, partition: number): Promise<Committed> => {
  const transaction = await transactions.fence(partition);
  try {
    return { committed: await transaction.committed(), metadata: await transaction.metadata() };
  } finally {
    await transaction.close();
  }
};
