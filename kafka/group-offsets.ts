import { systemClock, type Clock } from '@verdikt/core/clock.ts';
import { kafkaCode } from './classify.ts';
import type { Link } from './link.ts';
import { retrying } from './retry.ts';
import { fetchOffset } from './transaction-requests.ts';

/** Loading, not available, moved: usual for a group that is new. */
const NOT_YET = new Set([14, 15, 16]);
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
  retrying(
    clock,
    WAITS,
    (e) => {
      const again = NOT_YET.has(kafkaCode(e) ?? 0);
      if (again) link.forgetCoordinator('group', group);
      return again;
    },
    async () => {
      const { request, response } = fetchOffset(group, topic, partition);
      const { offset } = await link.send(await link.coordinator('group', group), request, response);
      return offset === null ? null : Number(offset);
    },
  );
