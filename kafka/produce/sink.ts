import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, type ServiceError } from '@verdikt/core/errors.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import type { Link } from '../client/link.ts';
import { createSinkBuffer } from './sink-buffer.ts';
import { createIdentityHolder } from './sink-identity.ts';
import { composeRequest, resultsOf, type SentRequest } from './sink-request.ts';
import { createLane, putBack, queued, takeFirst, waitMs, type Batch, type Lane } from './sink-partition.ts';
import { outcomeOf } from './sink-outcome.ts';
import { createWriterPool } from '../wire/byte-writer.ts';

export interface SinkOptions {
  /** Of the sink alone. `stop` closes it. */
  readonly link: Link;
  readonly topic: string;
  /** Largest batch, header included: max.message.bytes of the topic. Default 1,048,588, that of Kafka. */
  readonly maxBatchBytes?: number;
  /** Largest request. Default 8 MiB. */
  readonly maxRequestBytes?: number;
  /** Bounds of what waits for its result. Default 50,000 records, 64 MiB. */
  readonly maxRecords?: number;
  readonly maxBytes?: number;
  /** Latest answer after the arrival of a record. Default 10,000. */
  readonly deliveryMs?: number;
  /** For one produce request. Default 5,000. */
  readonly requestTimeoutMs?: number;
  /** How long an idle sink waits for more records before it sends. Default 0: what arrives in one turn of the event loop. */
  readonly lingerMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

const SWEEP_MS = 100;
/**
 * Appends to one topic, idempotent, acks=all. One produce request per broker at a time, one unsettled batch per partition.
 * A batch without an answer is sent again with the same bytes, producer id and sequence number, which the broker appends
 * once; what cannot be settled in time is answered APPEND_UNCONFIRMED, and its producer id is never used for a new batch.
 * Rejects with TOPIC_INVALID, ACCESS_DENIED or BROKER_UNAVAILABLE.
 */
export const createSink = async (options: SinkOptions): Promise<RecordSink> => {
  const { link, topic } = options;
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const maxBatchBytes = options.maxBatchBytes ?? 1_048_588;
  const maxRequestBytes = options.maxRequestBytes ?? 8 * 1024 * 1024;
  const requestTimeoutMs = options.requestTimeoutMs ?? 5_000;
  const lingerMs = options.lingerMs ?? 0;

  const partitions = await link.partitionCount(topic);
  const lanes = Array.from({ length: partitions }, (_, i) => createLane(i, maxBatchBytes));
  const writers = createWriterPool();
  const busy = new Set<number>();
  let turn = 0;
  let good = true;
  let scheduled = false;
  let sweeping = false;
  let stopping = false;
  let closed = false;
  let stopped: Promise<void> | undefined;

  const buffer = createSinkBuffer({
    topic,
    lanes,
    maxRecords: options.maxRecords ?? 50_000,
    maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    deliveryMs: options.deliveryMs ?? 10_000,
    clock,
    log,
  });
  const { settle, refuse } = buffer;

  const identities = createIdentityHolder({
    link,
    topic,
    partitions,
    timeoutMs: requestTimeoutMs,
    clock,
    onReady: () => {
      good = true;
      send();
    },
    onFailure: (e) => {
      if (good) log.warn({ topic, code: e.code }, 'no producer id');
      good = false;
      if (e.code === 'ACCESS_DENIED') for (const lane of lanes) refuse(takeFirst(lane, queued(lane)), e.code);
    },
  });

  const locate = async (lane: Lane, fresh: boolean): Promise<void> => {
    for (let again = fresh; lane.leader === undefined && !closed; again = true) {
      try {
        if (again) await link.refresh([topic]);
        lane.leader = (await link.leader(topic, lane.partition)).node;
        good = true;
      } catch (e) {
        if (!isServiceError(e)) throw e;
        good = false;
        await new Promise<void>((resolve) => clock.after(waitMs(++lane.failures), resolve));
      }
    }
    send();
  };

  const backOff = (lane: Lane): void => {
    const wait = waitMs(++lane.failures);
    lane.notBefore = clock.now() + wait;
    clock.after(wait, send);
  };

  const retryLater = (lane: Lane, batch: Batch): void => {
    batch.inFlight = false;
    backOff(lane);
    if (lane.leader === undefined) return;
    lane.leader = undefined;
    void locate(lane, true);
  };

  /** Gives the batch up. Unless it was appended its sequence numbers may not be used again. */
  const end = (lane: Lane, batch: Batch): void => {
    lane.batch = undefined;
    identities.discard(batch.identity);
  };

  const answer = (lane: Lane, batch: Batch, error: number, baseOffset: number): void => {
    const outcome = outcomeOf(error, batch.doubtful, batch.waiters.records.length);
    if (error !== 0)
      log.debug(
        { topic, partition: lane.partition, kafka: error, outcome: outcome.kind },
        'batch not appended',
      );
    switch (outcome.kind) {
      case 'appended':
        lane.batch = undefined;
        lane.failures = 0;
        good = true;
        return settle(batch.waiters, (i) => ({ ok: true, offset: baseOffset + i }));
      case 'again':
        batch.doubtful ||= outcome.doubt;
        good = false;
        return retryLater(lane, batch);
      case 'requeue':
      case 'split':
        if (outcome.kind === 'split') lane.softMaxBytes = Math.ceil(batch.bytes.length / 2);
        else backOff(lane);
        end(lane, batch);
        return putBack(lane, batch.waiters);
      case 'refused':
        end(lane, batch);
        return refuse(batch.waiters, outcome.code);
    }
  };

  const failed = (request: SentRequest, e: ServiceError): void => {
    good = false;
    log.warn({ topic, code: e.code, sent: request.mayBeSent() }, 'produce request failed');
    for (const lane of request.lanes) {
      const batch = lane.batch as Batch;
      batch.doubtful ||= request.mayBeSent();
      if (e.code === 'ACCESS_DENIED' && !batch.doubtful) {
        end(lane, batch);
        refuse(batch.waiters, e.code);
      } else retryLater(lane, batch);
    }
  };

  const exchange = async (node: number, request: SentRequest): Promise<void> => {
    try {
      const answers = resultsOf(
        await link.send(node, request.request, request.response, { timeoutMs: request.timeoutMs }),
        topic,
      );
      // A partition without an answer may have been appended as well: -1, an unknown error.
      for (const lane of request.lanes) {
        const found = answers.get(lane.partition);
        answer(lane, lane.batch as Batch, found?.error ?? -1, found?.baseOffset ?? -1);
      }
    } catch (e) {
      if (!isServiceError(e)) throw e;
      failed(request, e);
    }
    // kafkajs has copied the bytes; a batch that is sent again keeps a copy of its own.
    for (const lane of request.lanes)
      if (lane.batch !== undefined) lane.batch.bytes = Buffer.from(lane.batch.bytes);
    request.done();
    writers.give(request.writer);
    busy.delete(node);
    send();
  };

  /** Sends to every broker that is free and has something to get. */
  const send = (): void => {
    if (closed || buffer.records === 0) return;
    const now = clock.now();
    const byNode = new Map<number, Lane[]>();
    for (let i = 0; i < partitions; i++) {
      // The turn decides who fits into the request.
      const lane = lanes[(i + turn) % partitions];
      const ready = lane.batch === undefined ? queued(lane) > 0 : !lane.batch.inFlight;
      if (!ready || lane.leader === undefined || busy.has(lane.leader) || now < lane.notBefore) continue;
      if (lane.batch === undefined && identities.current() === undefined) identities.ask();
      else if (byNode.has(lane.leader)) byNode.get(lane.leader)?.push(lane);
      else byNode.set(lane.leader, [lane]);
    }
    turn++;
    for (const [node, ready] of byNode) {
      const request = composeRequest(ready, {
        topic,
        identity: identities.current(),
        now,
        maxBatchBytes,
        maxRequestBytes,
        requestTimeoutMs,
        writers,
        refuse,
      });
      if (request === undefined) continue;
      busy.add(node);
      void exchange(node, request);
    }
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    const run = (): void => {
      scheduled = false;
      send();
    };
    if (lingerMs > 0 && busy.size === 0) clock.after(lingerMs, run);
    else setImmediate(run);
  };

  /** Answers what waited too long. A batch in flight is answered by its request, which ends in time. */
  const sweep = (): void => {
    sweeping = false;
    const now = clock.now();
    for (const lane of lanes) {
      const { batch, queue, head } = lane;
      if (batch !== undefined && !batch.inFlight && batch.waiters.deadlines[0] <= now) {
        end(lane, batch);
        refuse(batch.waiters, batch.doubtful ? 'APPEND_UNCONFIRMED' : 'BROKER_UNAVAILABLE');
      }
      let n = 0;
      while (head + n < queue.records.length && queue.deadlines[head + n] <= now) n++;
      if (n > 0) refuse(takeFirst(lane, n), 'BROKER_UNAVAILABLE');
    }
    arm();
    send();
  };

  const arm = (): void => {
    if (sweeping || buffer.records === 0) return;
    sweeping = true;
    clock.after(SWEEP_MS, sweep);
  };

  const append: RecordSink['append'] = (submissions) => {
    if (stopping) return Promise.resolve(submissions.map(() => ({ ok: false, code: 'STOPPING' }) as const));
    const results = buffer.offer(submissions);
    if (buffer.records > 0) {
      arm();
      schedule();
    }
    return results;
  };

  for (const lane of lanes) void locate(lane, false);
  identities.ask();
  return {
    append,
    partitions,
    pending: () => ({ records: buffer.records, bytes: buffer.bytes }),
    healthy: () => good,
    stop: () => {
      stopping = true;
      stopped ??= (async () => {
        await buffer.empty();
        closed = true;
        identities.close();
        await link.close();
      })();
      return stopped;
    },
  };
};
