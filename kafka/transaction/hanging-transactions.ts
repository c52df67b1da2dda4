import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Mark } from '@verdikt/core/record/commit-note.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import {
  awaitStable,
  isLeaderless,
  isOpen,
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
   * To be called between two transactions of a producer that has committed since it fenced: while the end of the last one is missing,
   * readers wait. Rejects with TRANSACTION_FAILED where it is not written within two seconds.
   */
  assertNone(link: Link, task: number, producer: requests.Producer): Promise<void>;
  /**
   * To be called within a transaction that has written nothing, of a producer that has committed since it fenced: what is open is of
   * that commit. A new owner's fence would abort both, so both are ended as committed here; then it rejects with TRANSACTION_FAILED.
   */
  commitHeld(link: Link, task: number, producer: requests.Producer): Promise<void>;
  /** Where the transaction of this producer that is open began, by output; empty where the broker does not say. */
  openSince(link: Link, task: number, producer: requests.Producer): Promise<ReadonlyMap<string, number>>;
}

type Writer = readonly [link: Link, task: number, producer: requests.Producer];

interface Held {
  readonly topics: readonly string[];
  readonly offsets: boolean;
}

/** The end of the last transaction may still be on its way. */
const ENDING_MS = 2_000;
const openOn = (written: readonly Written[]): string[] => written.filter(isOpen).map((w) => w.topic);
const forgotten = (details: Held & { readonly task: number }): ServiceError =>
  new ServiceError('TRANSACTION_FAILED', 'the end of an older transaction was forgotten', { ...details });

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

  /** What is held open between two transactions, once there is no reason to look again. */
  const heldBy = async (
    [link, task, producer]: Writer,
    again: (held: Held) => boolean,
  ): Promise<Held | undefined> => {
    if (d.outputs.length === 0) return undefined;
    const until = d.clock.now() + ENDING_MS;
    for (;;) {
      const written = await look(link, task, producer);
      if (written === 'unknown') await stable(link, task);
      const topics = written === 'unknown' ? [] : openOn(written);
      const held = { topics, offsets: await d.pending(link, task) };
      if (topics.length === 0 && !held.offsets) return undefined;
      if (!again(held) || d.clock.now() > until) return held;
      await new Promise<void>((resolve) => d.clock.after(100, resolve));
    }
  };
  const end = async (
    [link, task, producer]: Writer,
    topics: readonly string[],
    commit: boolean,
  ): Promise<void> => {
    const again = (e: unknown): boolean => d.isWaiting(e) || isServiceError(e, 'BROKER_UNAVAILABLE');
    const send = (exchange: Exchange<unknown>): Promise<unknown> =>
      retrying(d.clock, { fromMs: 5, toMs: 50, forMs: d.requestTimeoutMs }, again, () =>
        d.toCoordinator(link, 'transaction', producer.transactionalId, exchange),
      );
    // The end of a transaction without records ends whatever its producer has open there, offsets that were left pending too.
    if (topics.length > 0) await send(requests.addPartitions(producer, topics, task));
    await send(requests.addOffsets(producer, d.group));
    await send(requests.endTransaction(producer, commit));
  };

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
      await end([link, task, producer], topics, commit);
      return true;
    },
    assertNone: async (link, task, producer) => {
      const held = await heldBy([link, task, producer], () => true);
      if (held !== undefined) throw forgotten({ task, ...held });
    },
    commitHeld: async (link, task, producer) => {
      const writer: Writer = [link, task, producer];
      let held: Held | undefined;
      try {
        // The coordinator is done with the older one, or would not have begun another: records that are open stay so. Offsets may
        // take a moment to be applied.
        held = await heldBy(writer, ({ topics }) => topics.length === 0);
      } catch (e) {
        // Where it cannot be told, all is ended so: that does no harm to what has ended.
        await end(writer, d.outputs, true);
        throw e;
      }
      if (held === undefined) return;
      d.told({ task, ...held, commit: true });
      await end(writer, held.topics, true);
      throw forgotten({ task, ...held });
    },
    openSince: async (link, task, producer) => {
      const written = await look(link, task, producer);
      return new Map(written === 'unknown' ? [] : written.filter(isOpen).map((w) => [w.topic, w.openSince]));
    },
  };
};
