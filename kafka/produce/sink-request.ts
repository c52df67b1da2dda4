import { ServiceError } from '@verdikt/core/errors.ts';
import type { ProtocolRequest, ProtocolResponse } from '../wire/protocol.ts';
import { nextSequence, queued, takeFirst, type Identity, type Lane, type Waiters } from './sink-partition.ts';
import type { Refusal } from './sink-outcome.ts';
import type { ByteWriter, WriterPool } from '../wire/byte-writer.ts';
import { beginProduce, produceResponse, type Produced } from '../wire/produce.ts';

export interface ComposeOptions {
  readonly topic: string;
  /** Undefined while there is none: then only batches that were sent before go out. */
  readonly identity: Identity | undefined;
  readonly now: number;
  readonly maxBatchBytes: number;
  readonly maxRequestBytes: number;
  readonly requestTimeoutMs: number;
  readonly writers: WriterPool;
  /** Called for records that do not fit into any batch. */
  readonly refuse: (waiters: Waiters, code: Refusal) => void;
}

/** A produce request on its way; `lanes` have their batch in it. */
export interface SentRequest {
  readonly lanes: readonly Lane[];
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

/** The next request to one broker: batches to be sent again as they are, and new ones. Undefined when it would be empty. */
export const composeRequest = (ready: readonly Lane[], o: ComposeOptions): SentRequest | undefined => {
  const writer = o.writers.take();
  // The broker gives up on its replicas before we give up on the broker.
  const body = beginProduce(writer, {
    transactionalId: null,
    timeoutMs: Math.ceil(o.requestTimeoutMs * 0.8),
  });
  body.topic(o.topic);
  const lanes: Lane[] = [];
  // Where each batch lies; views only once the writer has stopped growing.
  const places: number[] = [];
  let deadline = o.now + o.requestTimeoutMs;
  for (const lane of ready) {
    if (lanes.length > 0 && writer.position >= o.maxRequestBytes) break;
    const at = writer.position + 8;
    if (lane.batch !== undefined) {
      body.copy(lane.partition, lane.batch.bytes);
      lane.batch.inFlight = true;
    } else {
      const { identity } = o;
      if (identity === undefined) continue;
      const meta = {
        producerId: identity.producerId,
        producerEpoch: identity.producerEpoch,
        baseSequence: identity.sequences[lane.partition],
        transactional: false,
      };
      let count = 0;
      while (count === 0 && queued(lane) > 0) {
        const { records } = lane.queue;
        count = body.partition(
          lane.partition,
          records,
          lane.head,
          records.length,
          meta,
          o.now,
          lane.softMaxBytes,
        );
        // A single record may be as large as the topic allows.
        if (count === 0)
          count = body.partition(
            lane.partition,
            records,
            lane.head,
            lane.head + 1,
            meta,
            o.now,
            o.maxBatchBytes,
          );
        if (count === 0) o.refuse(takeFirst(lane, 1), 'RECORD_TOO_LARGE');
      }
      if (count === 0) continue;
      identity.sequences[lane.partition] = nextSequence(meta.baseSequence, count);
      lane.batch = {
        waiters: takeFirst(lane, count),
        identity,
        bytes: NO_BYTES,
        inFlight: true,
        doubtful: false,
      };
    }
    lanes.push(lane);
    places.push(at, writer.position);
    deadline = Math.min(deadline, lane.batch.waiters.deadlines[0]);
  }
  if (lanes.length === 0) {
    o.writers.give(writer);
    return undefined;
  }
  const request = body.end();
  lanes.forEach((lane, i) => {
    if (lane.batch !== undefined) lane.batch.bytes = writer.buffer.subarray(places[2 * i], places[2 * i + 1]);
  });
  let tried = false;
  let settled = false;
  return {
    lanes,
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
