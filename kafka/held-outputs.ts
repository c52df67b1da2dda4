import { fromCode, kafkaCode } from './classify.ts';
import { describeProducers } from './inspect-requests.ts';
import type { Link } from './link.ts';

/**
 * What a commit leaves beside the offset of `words`: how far its writer had written to each output. A later owner tells by it
 * whether records that are still open belong to a transaction that was committed.
 */
export interface Mark {
  readonly epoch: number;
  /** Last sequence number by topic. */
  readonly last: Readonly<Record<string, number>>;
}

/** An output whose end of transaction was never written. */
export interface Held {
  readonly topic: string;
  readonly epoch: number;
  readonly lastSequence: number;
}

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

/** As metadata of a committed offset, which may hold 4,096 characters: four topic names of 249 fit. */
export const markText = ({ epoch, last }: Mark): string => JSON.stringify({ epoch, last });

const isObject = (v: unknown): v is object => typeof v === 'object' && v !== null;

/** Undefined for metadata that is none of ours. */
export const parseMark = (metadata: string | null): Mark | undefined => {
  try {
    const mark = JSON.parse(metadata ?? '') as Partial<Mark> | null;
    return isObject(mark) && Number.isInteger(mark.epoch) && isObject(mark.last) ? (mark as Mark) : undefined;
  } catch {
    return undefined;
  }
};

/**
 * Whether the transaction that held records belong to was committed. The coordinator has forgotten: it took partitions without
 * a leader for deleted ones when it wrote the ends (single brokers that are killed and come back). The mark is part of the
 * same transaction, so it is visible only if that was committed; what it does not name is aborted and done again.
 */
export const wasCommitted = (held: readonly Held[], mark: Mark | undefined): boolean =>
  mark !== undefined && held.every((h) => h.epoch === mark.epoch && mark.last[h.topic] === h.lastSequence);

const DENIED = 29;

/**
 * Outputs of a task on which this producer still has an open transaction. To be asked after InitProducerId, when there can be
 * none by rights. Where the right to read an output is missing it is taken as not held.
 */
export const heldOutputs = async (
  link: Link,
  topics: readonly string[],
  partition: number,
  producerId: bigint,
  timeoutMs: number,
): Promise<Held[]> => {
  const asked = topics.map(async (topic): Promise<Held[]> => {
    const { request, response } = describeProducers(topic, partition);
    const node = await link.leader(topic, partition);
    const { error, producers } = await link.send(node, request, response, { timeoutMs });
    if (error === DENIED) return [];
    if (error !== 0) {
      await link.refresh([topic]);
      throw fromCode(error, 'the producers of an output cannot be read', { topic, partition });
    }
    return producers
      .filter((p) => BigInt(p.producerId) === producerId && p.openSince >= 0)
      .map((p) => ({ topic, epoch: p.epoch, lastSequence: p.lastSequence }));
  });
  return (await Promise.all(asked)).flat();
};

/** Not the leader, or not yet: worth another try. */
export const isLeaderless = (e: unknown): boolean => [3, 5, 6].includes(kafkaCode(e) ?? 0);
