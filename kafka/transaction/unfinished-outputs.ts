import { backOffMs } from '@verdikt/core/back-off.ts';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { Mark } from '@verdikt/core/record/commit-note.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { fromCode, kafkaCode } from '../client/classify.ts';
import { describeProducers } from '../client/describe-producers.ts';
import type { Link } from '../client/link.ts';
import { listOffset } from '../client/list-offset.ts';
import { LATEST } from '../wire/list-offsets.ts';
import type { Isolation } from '../wire/fetch.ts';

/** What a producer last wrote to an output. */
export interface Written {
  readonly topic: string;
  readonly epoch: number;
  /** Negative where it has written nothing but the end of a transaction under this epoch. */
  readonly lastSequence: number;
  /** First offset of a transaction whose end was not written; negative: none is open. */
  readonly openSince: number;
}

export const isOpen = (w: Written): boolean => w.openSince >= 0;

const SEQUENCES = 2 ** 31;

/** The mark of a commit that wrote `counts` records per topic, beginning at `sequences`. */
export const markOf = (
  epoch: number,
  sequences: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
): Mark => {
  const last: Record<string, number> = {};
  for (const topic of new Set([...sequences.keys(), ...counts.keys()]))
    last[topic] = ((sequences.get(topic) ?? 0) + (counts.get(topic) ?? 0) + SEQUENCES - 1) % SEQUENCES;
  return { epoch, last };
};

/** Where no offset is committed. */
export const NOTHING_COMMITTED: Mark = { epoch: -1, last: {} };

/**
 * Whether a transaction whose end is missing on outputs, or on the offsets (`pending`), was committed. The coordinator has forgotten:
 * it took partitions without a leader for deleted ones when it wrote the ends (KAFKA-20734: brokers that are killed and come back).
 * The mark is part of the same transaction, so it is visible only if that was committed. Where the end of the offsets is missing
 * too, outputs tell on which it was written: an abort raises the epoch, and with it takes away the sequence number. What neither tells
 * is aborted and done again.
 */
export const wasCommitted = (
  written: readonly Written[],
  mark: Mark | undefined,
  pending: boolean,
): boolean => {
  if (mark === undefined) return false;
  const named = (w: Written): boolean => w.epoch === mark.epoch && mark.last[w.topic] === w.lastSequence;
  const open = written.filter(isOpen);
  if (open.length > 0 && open.every(named)) return true;
  const ended = written.filter((w) => !isOpen(w) && w.lastSequence >= 0);
  return pending && ended.some((w) => w.epoch >= mark.epoch && !named(w));
};

const DENIED = 29;

/**
 * What this producer last wrote to the outputs of a task, those left out that it never wrote to. By rights none of it is open after
 * InitProducerId, or between two transactions. `unknown` where a broker does not answer the question, or may not answer it to us.
 */
export const writtenOutputs = async (
  link: Link,
  topics: readonly string[],
  partition: number,
  producerId: bigint,
  timeoutMs: number,
): Promise<readonly Written[] | 'unknown'> => {
  const asked = topics.map(async (topic): Promise<Written[] | 'unknown'> => {
    const { request, response } = describeProducers(topic, partition);
    const { node } = await link.leader(topic, partition);
    if (!(await link.offers(node, 'DescribeProducers'))) return 'unknown';
    const { error, producers } = await link.send(node, request, response, { timeoutMs });
    if (error === DENIED) return 'unknown';
    if (error !== 0) {
      await link.refresh([topic]);
      throw fromCode(error, 'the producers of an output cannot be read', { topic, partition });
    }
    return producers
      .filter((p) => p.producerId === producerId)
      .map(({ epoch, lastSequence, openSince }) => ({
        topic,
        epoch,
        lastSequence,
        openSince: Number(openSince),
      }));
  });
  const found = await Promise.all(asked);
  return found.includes('unknown') ? 'unknown' : (found as Written[][]).flat();
};

/** Not the leader, or not yet: worth another try. */
export const isLeaderless = (e: unknown): boolean => [3, 5, 6, 74, 75].includes(kafkaCode(e) ?? 0);

const WAITS = { fromMs: 50, toMs: 500 };

/**
 * Resolves when no transaction is open on any of these outputs: the last stable offset has reached the high watermark. All that
 * can be asked where `writtenOutputs` is not answered. Rejects with TRANSACTION_HANGING after `forMs`.
 */
export const awaitStable = async (
  link: Link,
  clock: Clock,
  topics: readonly string[],
  partition: number,
  forMs: number,
): Promise<void> => {
  const until = clock.now() + forMs;
  for (const topic of topics)
    for (let looks = 1; ; looks++) {
      const wait = backOffMs(looks, WAITS);
      const end = await endOf(link, topic, partition, 'read_uncommitted');
      const stable = await endOf(link, topic, partition, 'read_committed');
      if (stable >= end) break;
      if (clock.now() + wait > until)
        throw new ServiceError(
          'TRANSACTION_HANGING',
          `${topic}-${partition} has an open transaction from ${stable} on that does not end`,
          { topic, partition, stable, end },
        );
      await new Promise<void>((resolve) => clock.after(wait, resolve));
    }
};

const endOf = (link: Link, topic: string, partition: number, isolation: Isolation): Promise<number> =>
  listOffset(link, topic, partition, LATEST, isolation).catch(async (e: unknown) => {
    await link.refresh([topic]);
    throw e;
  });
