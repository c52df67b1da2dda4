import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Mark } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import {
  awaitStable,
  isLeaderless,
  wasCommitted,
  writtenOutputs,
  type Written,
} from './unfinished-outputs.ts';
import type { CoordinatorKind, Exchange, Link } from '../client/link.ts';
import { retrying } from '../client/retry.ts';
import * as requests from './transaction-requests.ts';

export interface HangingFound {
  readonly task: number;
  /** Outputs on which it was open. */
  readonly topics: readonly string[];
  /** Whether its offsets were. */
  readonly offsets: boolean;
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
  /** That of the last commit; undefined where somebody else has set the offset. */
  readonly mark: (link: Link, task: number) => Promise<Mark | undefined>;
  /** Whether a transaction that has not ended holds the offset of `words`. */
  readonly pending: (link: Link, task: number) => Promise<boolean>;
  readonly told: (found: HangingFound) => void;
}

/** Looks for transactions that the coordinator has forgotten: see `wasCommitted`. */
interface HangingTransactions {
  /**
   * To be called with a producer that has just fenced: ends what an older transaction still holds open on the outputs of the task,
   * or of its offsets, as that was meant to end. Resolves false when there was nothing; after true the task must be fenced again, since
   * only that waits for the ends to be written. `again`: it was called for this task before, so offsets that are still pending are
   * those of somebody else, which we cannot end. Where the broker does not say who has a transaction open, nothing may be open at
   * all: else it rejects with TRANSACTION_HANGING.
   */
  end(link: Link, task: number, producer: requests.Producer, again: boolean): Promise<boolean>;
  /**
   * To be called between two transactions of a producer whose connection was closed: the broker may have been restarted, and what
   * is written next would be part of a transaction whose end was forgotten. Rejects with TRANSACTION_FAILED where one is open.
   */
  assertNone(link: Link, task: number, producer: requests.Producer): Promise<void>;
}

/** The end of the last transaction may still be on its way. */
const ENDING_MS = 2_000;
const openOn = (written: readonly Written[]): string[] => written.filter((w) => w.open).map((w) => w.topic);

export const createHangingTransactions = (d: HangingDeps): HangingTransactions => {
  const look = (
    link: Link,
    task: number,
    producer: requests.Producer,
  ): Promise<readonly Written[] | 'unknown'> =>
    retrying(d.clock, { fromMs: 20, toMs: 500, forMs: d.requestTimeoutMs }, isLeaderless, () =>
      writtenOutputs(link, d.outputs, task, producer.producerId, d.requestTimeoutMs),
    );
  const stable = (link: Link, task: number): Promise<void> =>
    retrying(d.clock, { fromMs: 20, toMs: 500, forMs: d.requestTimeoutMs }, isLeaderless, () =>
      awaitStable(link, d.clock, d.outputs, task, d.requestTimeoutMs),
    );

  return {
    end: async (link, task, producer, again) => {
      if (d.outputs.length === 0) return false;
      const written = await look(link, task, producer);
      if (written === 'unknown') {
        await stable(link, task);
        return false;
      }
      const topics = openOn(written);
      const offsets = !again && (await d.pending(link, task));
      if (topics.length === 0 && !offsets) return false;
      const commit = wasCommitted(written, await d.mark(link, task), offsets);
      d.told({ task, topics, offsets, commit });
      const send = (exchange: Exchange<unknown>): Promise<unknown> =>
        retrying(d.clock, { fromMs: 5, toMs: 50, forMs: d.requestTimeoutMs }, d.isWaiting, () =>
          d.toCoordinator(link, 'transaction', producer.transactionalId, exchange),
        );
      // The end of a transaction without records ends whatever its producer has open there, offsets that were left pending too.
      if (topics.length > 0) await send(requests.addPartitions(producer, topics, task));
      await send(requests.addOffsets(producer, d.group));
      await send(requests.endTransaction(producer, commit));
      return true;
    },
    assertNone: async (link, task, producer) => {
      const until = d.clock.now() + ENDING_MS;
      for (;;) {
        const written = await look(link, task, producer);
        if (written === 'unknown') return stable(link, task);
        const topics = openOn(written);
        if (topics.length === 0) return;
        if (d.clock.now() > until)
          throw new ServiceError('TRANSACTION_FAILED', 'the end of an older transaction was forgotten', {
            task,
            topics,
          });
        await new Promise<void>((resolve) => d.clock.after(100, resolve));
      }
    },
  };
};
