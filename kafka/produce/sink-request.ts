import type { Compression } from '@verdikt/core/record/compression.ts';
import { at } from '@verdikt/core/at.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { ProtocolRequest, ProtocolResponse } from '../wire/protocol.ts';
import {
  nextSequence,
  queued,
  takeFirst,
  type Identity,
  type SinkPartition,
  type Waiters,
} from './sink-partition.ts';
import type { Refusal } from './sink-outcome.ts';
import type { ByteWriter, WriterPool } from '../wire/byte-writer.ts';
import { beginProduce, produceResponse, type ProduceBody, type Produced } from '../wire/produce.ts';

interface ComposeOptions {
  readonly topic: string;
  /** Undefined while there is none: then only batches that were sent before go out. */
  readonly identity: Identity | undefined;
  readonly now: number;
  readonly maxBatchBytes: number;
  readonly compression: Compression | undefined;
  readonly maxRequestBytes: number;
  readonly requestTimeoutMs: number;
  readonly writers: WriterPool;
  /** Called for records that do not fit into any batch. */
  readonly refuse: (waiters: Waiters, code: Refusal) => void;
}

/** A produce request on its way; `partitions` have their batch in it. */
export interface SentRequest {
  readonly partitions: readonly SinkPartition[];
  readonly request: ProtocolRequest;
  readonly response: ProtocolResponse<Produced[]>;
  readonly writer: ByteWriter;
  readonly timeoutMs: number;
  /** False as long as no byte of it can have left: its outcome is then certain. */
  mayBeSent(): boolean;
  /** To be called when it has settled: its bytes must not go out any more. */
  done(): void;
}

const MIN_TIMEOUT_MS = 100;

/** Writes the next new batch of a partition into the request; false when there is none. Records that are too large are refused. */
const writeNewBatch = (
  p: SinkPartition,
  body: ProduceBody,
  identity: Identity,
  o: ComposeOptions,
): boolean => {
  const meta = {
    producerId: identity.producerId,
    producerEpoch: identity.producerEpoch,
    baseSequence: at(identity.sequences, p.partition),
    transactional: false,
    compression: o.compression,
  };
  const write = (to: number, maxBytes: number): number =>
    body.partition(p.partition, p.queue.records, p.head, to, meta, o.now, maxBytes);
  let count = 0;
  while (count === 0 && queued(p) > 0) {
    count = write(p.queue.records.length, p.softMaxBytes);
    // A single record may be as large as the topic allows.
    if (count === 0) count = write(p.head + 1, o.maxBatchBytes);
    if (count === 0) o.refuse(takeFirst(p, 1), 'RECORD_TOO_LARGE');
  }
  if (count === 0) return false;
  identity.sequences[p.partition] = nextSequence(meta.baseSequence, count);
  p.batch = { waiters: takeFirst(p, count), identity, bytes: NO_BYTES, inFlight: true, doubtful: false };
  return true;
};

/** The next request to one broker: batches to be sent again as they are, and new ones. Undefined when it would be empty. */
export const composeRequest = (
  ready: readonly SinkPartition[],
  o: ComposeOptions,
): SentRequest | undefined => {
  const writer = o.writers.take();
  // The broker gives up on its replicas before we give up on the broker.
  const timeoutMs = Math.ceil(o.requestTimeoutMs * 0.8);
  const body = beginProduce(writer, { transactionalId: null, timeoutMs });
  body.topic(o.topic);
  const partitions: SinkPartition[] = [];
  // Where each batch lies; views only once the writer has stopped growing.
  const places: number[] = [];
  let deadline = o.now + o.requestTimeoutMs;
  for (const p of ready) {
    if (partitions.length > 0 && writer.position >= o.maxRequestBytes) break;
    const at = writer.position + 8;
    if (p.batch !== undefined) {
      body.copy(p.partition, p.batch.bytes);
      p.batch.inFlight = true;
    } else if (o.identity === undefined || !writeNewBatch(p, body, o.identity, o)) continue;
    partitions.push(p);
    places.push(at, writer.position);
    deadline = Math.min(deadline, p.batch?.waiters.deadlines[0] ?? deadline);
  }
  if (partitions.length === 0) {
    o.writers.give(writer);
    return undefined;
  }
  const request = body.end();
  partitions.forEach((p, i) => {
    if (p.batch !== undefined) p.batch.bytes = writer.buffer.subarray(places[2 * i], places[2 * i + 1]);
  });
  let tried = false;
  let settled = false;
  return {
    partitions,
    request: {
      ...request,
      encode: () => {
        if (settled)
          throw new ServiceError('BROKER_UNAVAILABLE', 'the request was given up before it was sent');
        tried = true;
        return request.encode();
      },
    },
    response: produceResponse,
    writer,
    timeoutMs: Math.max(MIN_TIMEOUT_MS, deadline - o.now),
    mayBeSent: () => tried,
    done: () => {
      settled = true;
    },
  };
};

const NO_BYTES = Buffer.alloc(0);

/** The answers for `topic` by partition. */
export const resultsOf = (answers: readonly Produced[], topic: string): Map<number, Produced> =>
  new Map(answers.filter((a) => a.topic === topic).map((a) => [a.partition, a]));
