import { decodeMetadata, type OffsetMetadata } from '@verdikt/core/commit-note.ts';
import { systemClock, type Clock } from '@verdikt/core/clock.ts';
import { atCoordinator } from './at-coordinator.ts';
import type { Link } from './link.ts';
import { fetchOffset } from './transaction-requests.ts';

/** The coordinator of a new group may still load. */
const WAITS = { fromMs: 50, toMs: 500, forMs: 30_000 };

/**
 * What the group has committed for a partition, null where nothing; an offset of a transaction counts once that is committed.
 * Rejects ACCESS_DENIED or BROKER_UNAVAILABLE.
 */
export const committedOffset = (
  link: Link,
  group: string,
  topic: string,
  partition: number,
  clock: Clock = systemClock,
): Promise<number | null> =>
  committedState(link, group, topic, partition, clock).then(({ committed }) =>
    committed === null ? null : Number(committed),
  );

/** The same with what goes beside the offset, as processors and operators write it for `words`. */
export const committedState = (
  link: Link,
  group: string,
  topic: string,
  partition: number,
  clock: Clock = systemClock,
): Promise<{ readonly committed: bigint | null; readonly metadata: OffsetMetadata }> =>
  atCoordinator(link, clock, WAITS, 'group', group, fetchOffset(group, topic, partition), (found) => ({
    committed: found.offset,
    metadata: decodeMetadata(found.metadata),
  }));
