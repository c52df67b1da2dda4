import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { OffsetMetadata } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import {
  awaitStable,
  unfinishedOutputs,
  isLeaderless,
  wasCommitted,
  type Unfinished,
} from './unfinished-outputs.ts';
import type { CoordinatorKind, Exchange, Link } from '../client/link.ts';
import { retrying } from '../client/retry.ts';
import * as requests from './transaction-requests.ts';

export interface HangingFound {
  readonly task: number;
  readonly topics: readonly string[];
  /** How it was ended. */
  readonly commit: boolean;
}

interface HangingDeps {
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
  readonly metadata: (link: Link, task: number) => Promise<OffsetMetadata>;
  readonly told: (found: HangingFound) => void;
}

/** Looks for transactions that the coordinator has forgotten: see `wasCommitted`. */
interface HangingTransactions {
  /**
   * To be called with a producer that has just fenced: ends what an older transaction still holds open on the outputs of the task,
   * as that was meant to end. Resolves false when there was nothing; after true the task must be fenced again, since only that
   * waits for the ends to be written. Where the broker does not say who has a transaction open, nothing may be open at all: else
   * it rejects with TRANSACTION_HANGING.
   */
  end(link: Link, task: number, producer: requests.Producer): Promise<boolean>;
  /**
   * To be called between two transactions of a producer whose connection was closed: the broker may have been restarted, and what
   * is written next would be part of a transaction whose end was forgotten. Rejects with TRANSACTION_FAILED where one is open.
   */
  assertNone(link: Link, task: number, producer: requests.Producer): Promise<void>;
}

/** The end of the last transaction may still be on its way. */
const ENDING_MS = 2_000;

export const createHangingTransactions = (d: HangingDeps): HangingTransactions => {
  const look = (
    link: Link,
    task: number,
    producer: requests.Producer,
  ): Promise<readonly Unfinished[] | 'unknown'> =>
    retrying(d.clock, { fromMs: 20, toMs: 500, forMs: d.requestTimeoutMs }, isLeaderless, () =>
      unfinishedOutputs(link, d.outputs, task, producer.producerId, d.requestTimeoutMs),
    );
  const stable = (link: Link, task: number): Promise<void> =>
    retrying(d.clock, { fromMs: 20, toMs: 500, forMs: d.requestTimeoutMs }, isLeaderless, () =>
      awaitStable(link, d.clock, d.outputs, task, d.requestTimeoutMs),
    );

  return {
    end: async (link, task, producer) => {
      const hanging = await look(link, task, producer);
      if (hanging === 'unknown') {
        await stable(link, task);
        return false;
      }
      if (hanging.length === 0) return false;
      const metadata = await d.metadata(link, task);
      const commit = wasCommitted(hanging, metadata.kind === 'commit' ? metadata.mark : undefined);
      const topics = hanging.map((h) => h.topic);
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
    },
    assertNone: async (link, task, producer) => {
      const until = d.clock.now() + ENDING_MS;
      for (;;) {
        const hanging = await look(link, task, producer);
        if (hanging === 'unknown') return stable(link, task);
        if (hanging.length === 0) return;
        if (d.clock.now() > until)
          throw new ServiceError('TRANSACTION_FAILED', 'the end of an older transaction was forgotten', {
            task,
            topics: hanging.map((h) => h.topic),
          });
        await new Promise<void>((resolve) => d.clock.after(100, resolve));
      }
    },
  };
};
