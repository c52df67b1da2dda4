import type { Clock } from '@verdikt/core/ports/clock.ts';
import { kafkaCode } from './classify.ts';
import type { CoordinatorKind, Exchange, Link } from './link.ts';
import { retrying, type Waits } from './retry.ts';

/** Loading, not available, moved: none of them has acted on the request in a way that a repetition could change. */
export const COORDINATOR_MOVED: ReadonlySet<number> = new Set([14, 15, 16]);

/**
 * Asks a coordinator, and the next one for as long as `waits` says when it has moved or still loads. `check` may throw for a
 * code in the answer, which then counts as if the request had failed with it.
 */
export const atCoordinator = <T, R>(
  link: Link,
  clock: Clock,
  waits: Waits,
  kind: CoordinatorKind,
  key: string,
  exchange: Exchange<T>,
  check: (answer: T) => R,
): Promise<R> =>
  retrying(
    clock,
    waits,
    (e) => {
      const again = COORDINATOR_MOVED.has(kafkaCode(e) ?? 0);
      if (again) link.forgetCoordinator(kind, key);
      return again;
    },
    async () =>
      check(await link.send(await link.coordinator(kind, key), exchange.request, exchange.response)),
  );
