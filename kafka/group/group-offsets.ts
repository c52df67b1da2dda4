import type { CommittedState } from '@verdikt/core/ports/logs.ts';
import { decodeMetadata } from '@verdikt/core/record/commit-note.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import { atCoordinator } from '../client/at-coordinator.ts';
import type { Link } from '../client/link.ts';
import { fetchOffset } from './offset-requests.ts';

/** The coordinator of a new group may still load. */
const WAITS = { fromMs: 50, toMs: 500, forMs: 30_000 };

/** What the group has committed for a partition; see Kafka.committed in connect.ts. */
export const committedState = (
  link: Link,
  group: string,
  topic: string,
  partition: number,
  clock: Clock,
): Promise<CommittedState> =>
  atCoordinator(link, clock, WAITS, 'group', group, fetchOffset(group, topic, partition), (found) => ({
    committed: found.offset,
    metadata: decodeMetadata(found.metadata),
  }));

/** The offset alone. */
export const committedOffset = async (
  link: Link,
  group: string,
  topic: string,
  partition: number,
  clock: Clock,
): Promise<number | null> => {
  const { committed } = await committedState(link, group, topic, partition, clock);
  return committed === null ? null : Number(committed);
};
