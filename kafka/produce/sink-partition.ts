import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { AppendResult } from '@verdikt/core/ports/sink.ts';

/** One call of `append` that waits for its results. */
export interface Call {
  readonly results: AppendResult[];
  left: number;
  readonly resolve: (results: AppendResult[]) => void;
}

/** Records with where their results belong, in the order of their arrival: parallel arrays, one entry per record. */
export interface Waiters {
  readonly records: OutRecord[];
  readonly calls: Call[];
  readonly places: number[];
  readonly sizes: number[];
  /** Latest time of the answer. */
  readonly deadlines: number[];
}

/** The identity under which batches are written; `sequences` is the next sequence number per partition. */
export interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly sequences: Int32Array;
}

/** A batch that was sent and has no answer yet that settles it. */
export interface Batch {
  readonly waiters: Waiters;
  readonly identity: Identity;
  /** The same bytes for every try. */
  bytes: Buffer;
  inFlight: boolean;
  /** A try may have been appended. */
  doubtful: boolean;
}

/** One partition: a queue, and at most one batch that is not settled, so that nothing overtakes it. */
export interface SinkPartition {
  readonly partition: number;
  leader: number | undefined;
  queue: Waiters;
  /** First entry of `queue` that still waits. */
  head: number;
  batch: Batch | undefined;
  /** Smaller than the limit of the topic once the broker has refused a batch as too large. */
  softMaxBytes: number;
  failures: number;
  /** No try before this time. */
  notBefore: number;
}

const emptyWaiters = (): Waiters => ({ records: [], calls: [], places: [], sizes: [], deadlines: [] });

export const createPartition = (partition: number, maxBytes: number): SinkPartition => ({
  partition,
  leader: undefined,
  queue: emptyWaiters(),
  head: 0,
  batch: undefined,
  softMaxBytes: maxBytes,
  failures: 0,
  notBefore: 0,
});

export const queued = (p: SinkPartition): number => p.queue.records.length - p.head;

/** Moves the first `n` of the queue into a batch of their own. */
export const takeFirst = (p: SinkPartition, n: number): Waiters => {
  const { queue: q, head } = p;
  const end = head + n;
  if (head === 0 && end === q.records.length) {
    p.queue = emptyWaiters();
    return q;
  }
  const slice = between(q, head, end);
  p.head = end;
  // The part that is gone is cut off once it is the larger one: each entry is moved once on average.
  if (end * 2 > q.records.length) {
    p.queue = between(q, end, q.records.length);
    p.head = 0;
  }
  return slice;
};

/** Puts records that were not appended back before all others. */
export const putBack = (p: SinkPartition, waiters: Waiters): void => {
  const rest = between(p.queue, p.head, p.queue.records.length);
  p.queue = {
    records: waiters.records.concat(rest.records),
    calls: waiters.calls.concat(rest.calls),
    places: waiters.places.concat(rest.places),
    sizes: waiters.sizes.concat(rest.sizes),
    deadlines: waiters.deadlines.concat(rest.deadlines),
  };
  p.head = 0;
};

const between = (w: Waiters, from: number, to: number): Waiters => ({
  records: w.records.slice(from, to),
  calls: w.calls.slice(from, to),
  places: w.places.slice(from, to),
  sizes: w.sizes.slice(from, to),
  deadlines: w.deadlines.slice(from, to),
});

/** Of what is sent again. */
export const WAITS = { fromMs: 20, toMs: 500 };

/** The sequence number after `n` records; it wraps as in Java. */
export const nextSequence = (sequence: number, n: number): number =>
  sequence > 0x7fffffff - n ? n - (0x7fffffff - sequence) - 1 : sequence + n;

/** About the bytes that a record takes in memory and on the wire. */
export const sizeOf = (r: OutRecord): number => {
  let size = 48 + (r.key?.length ?? 0) + (r.value?.length ?? 0);
  for (const [name, value] of r.headers) size += name.length + (value?.length ?? 0) + 4;
  return size;
};
