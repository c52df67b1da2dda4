import type { ClusterInspector } from '@verdikt/core/ports/inspector.ts';
import type { Cluster } from '@verdikt/core/ports/logs.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { LookOptions, OffsetsReader } from '../offsets/look.ts';
import { lookAtSystem } from './facts.ts';
import type { Ask } from './processors.ts';
import { reportOf, type StatusReport } from './report.ts';

/** A cluster, as far as the state of a system is looked at. */
export type StatusCluster = Cluster & OffsetsReader & Pick<ClusterInspector, 'group'>;

interface StatusLook extends Pick<LookOptions, 'wait' | 'late'> {
  readonly cluster: StatusCluster;
  readonly topics: TopicNames;
  /** As configured. */
  readonly group: string;
  readonly ask: Ask;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the logs of all tasks are looked at with. Partitions that were added to a topic are not part of the system. */
export const looksOf = async ({ cluster, topics, group, wait, late }: Omit<StatusLook, 'ask' | 'now'>) => {
  const counts = await Promise.all(Object.values(topics).map((t) => cluster.partitionsOf(t)));
  const system = systemId(topics.words, group);
  return { topics, system, partitions: Math.min(...counts), wait, late };
};

/** What each task does, and what waits and why. `processors`: addresses given by hand. Changes nothing. */
export const statusReport = async (d: StatusLook, processors: readonly string[]): Promise<StatusReport> => {
  const { cluster, ask, now } = d;
  const looks = await looksOf(d);
  return reportOf(
    await lookAtSystem({ ...looks, reader: cluster, group: cluster.group, ask, now }, processors),
  );
};
