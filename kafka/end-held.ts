import type { Clock } from '@verdikt/core/clock.ts';
import { heldOutputs, isLeaderless, parseMark, wasCommitted } from './held-outputs.ts';
import type { CoordinatorKind, Exchange, Link } from './link.ts';
import { retrying } from './retry.ts';
import * as requests from './transaction-requests.ts';

export interface HeldFound {
  readonly task: number;
  readonly topics: readonly string[];
  /** How it was ended. */
  readonly commit: boolean;
}

export interface EndHeldDeps {
  readonly clock: Clock;
  readonly group: string;
  readonly outputs: readonly string[];
  readonly requestTimeoutMs: number;
  readonly toCoordinator: <T>(
    link: Link,
    kind: CoordinatorKind,
    key: string,
    exchange: Exchange<T>,
  ) => Promise<T>;
  /** True for answers that say "not now". */
  readonly isWaiting: (e: unknown) => boolean;
  /** That of the committed offset of `words`. */
  readonly metadata: (link: Link, task: number) => Promise<string | null>;
  readonly told: (found: HeldFound) => void;
}

/**
 * To be called with a producer that has just fenced: ends what an older transaction still holds open on the outputs of the task,
 * as that was meant to end. Resolves false when there was nothing; after true the task must be fenced again, since only that
 * waits for the ends to be written.
 */
export const createEndHeld =
  (d: EndHeldDeps) =>
  async (link: Link, task: number, producer: requests.Producer): Promise<boolean> => {
    const held = await retrying(
      d.clock,
      { fromMs: 20, toMs: 500, forMs: d.requestTimeoutMs },
      isLeaderless,
      () => heldOutputs(link, d.outputs, task, producer.producerId, d.requestTimeoutMs),
    );
    if (held.length === 0) return false;
    const commit = wasCommitted(held, parseMark(await d.metadata(link, task)));
    const topics = held.map((h) => h.topic);
    d.told({ task, topics, commit });
    const send = (exchange: Exchange<unknown>): Promise<unknown> =>
      retrying(d.clock, { fromMs: 5, toMs: 50, forMs: d.requestTimeoutMs }, d.isWaiting, () =>
        d.toCoordinator(link, 'transaction', producer.transactionalId, exchange),
      );
    // The end of a transaction without records ends whatever its producer has open there, offsets that were left pending too.
    await send(requests.addPartitions(producer, topics, task));
    await send(requests.addOffsets(producer, d.group));
    await send(requests.endTransaction(producer, commit));
    return true;
  };
