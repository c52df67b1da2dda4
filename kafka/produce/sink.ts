import type { Compression } from '@verdikt/core/record/compression.ts';
import { at } from '@verdikt/core/at.ts';
import { backOffMs } from '@verdikt/core/back-off.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, type ServiceError } from '@verdikt/core/errors.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { RecordSink } from '@verdikt/core/ports/sink.ts';
import type { Link } from '../client/link.ts';
import { createSinkBuffer } from './sink-buffer.ts';
import { createIdentityHolder } from './sink-identity.ts';
import { composeRequest, resultsOf, type SentRequest } from './sink-request.ts';
import {
  createPartition,
  putBack,
  queued,
  takeFirst,
  WAITS,
  type Batch,
  type SinkPartition,
} from './sink-partition.ts';
import { createLeaders } from './sink-topic.ts';
import { outcomeOf } from './sink-outcome.ts';
import { createWriterPool } from '../wire/byte-writer.ts';

export interface SinkOptions {
  /** Of the sink alone. `stop` closes it. */
  readonly link: Link;
  readonly topic: string;
  /** Largest batch, header included: max.message.bytes of the topic. Default 1,048,588, that of Kafka. */
  readonly maxBatchBytes?: number;
  /** How batches are written. Default none is compressed. */
  readonly compression?: Compression;
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
  const { link, topic, clock = systemClock, log = silentLog } = options;
  const { requestTimeoutMs = 5_000, lingerMs = 0 } = options;
  const leaders = createLeaders(link, topic);
  const maxBatchBytes = options.maxBatchBytes ?? 1_048_588;
  const maxRequestBytes = options.maxRequestBytes ?? 8 * 1024 * 1024;

  const count = await link.partitionCount(topic);
  const partitions = Array.from({ length: count }, (_, i) => createPartition(i, maxBatchBytes));
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
    partitions,
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
    partitions: count,
    timeoutMs: requestTimeoutMs,
    clock,
    onReady: () => {
      good = true;
      send();
    },
    onFailure: (e) => {
      if (good) log.warn({ topic, code: e.code }, 'no producer id');
      good = false;
      if (e.code === 'ACCESS_DENIED') for (const p of partitions) refuse(takeFirst(p, queued(p)), e.code);
    },
  });

  const locate = async (p: SinkPartition, fresh: boolean): Promise<void> => {
    for (let again = fresh; p.leader === undefined && !closed; again = true) {
      try {
        if (again) await link.refresh([topic]);
        p.leader = await leaders.of(p.partition);
        good = true;
      } catch (e) {
        if (!isServiceError(e)) throw e;
        good = false;
        await new Promise<void>((resolve) => clock.after(backOffMs(++p.failures, WAITS), resolve));
      }
    }
    send();
  };

  const backOff = (p: SinkPartition): void => {
    const wait = backOffMs(++p.failures, WAITS);
    p.notBefore = clock.now() + wait;
    clock.after(wait, send);
  };

  const retryLater = (p: SinkPartition, batch: Batch): void => {
    batch.inFlight = false;
    backOff(p);
    if (p.leader === undefined) return;
    p.leader = undefined;
    void locate(p, true);
  };

  /** Gives the batch up. Unless it was appended its sequence numbers may not be used again. */
  const end = (p: SinkPartition, batch: Batch): void => {
    p.batch = undefined;
    identities.discard(batch.identity);
  };

  const answer = (p: SinkPartition, batch: Batch, error: number, baseOffset: number): void => {
    const outcome = outcomeOf(error, batch.doubtful, batch.waiters.records.length);
    if (error !== 0)
      log.debug({ topic, partition: p.partition, kafka: error, outcome: outcome.kind }, 'batch not appended');
    switch (outcome.kind) {
      case 'appended':
        p.batch = undefined;
        p.failures = 0;
        good = true;
        return settle(batch.waiters, (i) => ({ ok: true, offset: baseOffset + i }));
      case 'again':
        batch.doubtful ||= outcome.doubt;
        good = false;
        return retryLater(p, batch);
      case 'requeue':
      case 'split':
        if (outcome.kind === 'split') p.softMaxBytes = Math.ceil(batch.bytes.length / 2);
        else backOff(p);
        end(p, batch);
        return putBack(p, batch.waiters);
      case 'refused':
        end(p, batch);
        return refuse(batch.waiters, outcome.code);
    }
  };

  const failed = (request: SentRequest, e: ServiceError): void => {
    good = false;
    log.warn({ topic, code: e.code, sent: request.mayBeSent() }, 'produce request failed');
    for (const p of request.partitions) {
      const batch = p.batch as Batch;
      batch.doubtful ||= request.mayBeSent();
      if (e.code === 'ACCESS_DENIED' && !batch.doubtful) {
        end(p, batch);
        refuse(batch.waiters, e.code);
      } else retryLater(p, batch);
    }
  };

  const exchange = async (node: number, request: SentRequest): Promise<void> => {
    try {
      const answers = resultsOf(
        await link.send(node, request.request, request.response, { timeoutMs: request.timeoutMs }),
        topic,
      );
      // A partition without an answer may have been appended as well: -1, an unknown error.
      for (const p of request.partitions) {
        const found = answers.get(p.partition);
        answer(p, p.batch as Batch, found?.error ?? -1, found?.baseOffset ?? -1);
      }
      // A batch that is sent again keeps a copy of its own.
      for (const { batch } of request.partitions)
        if (batch !== undefined) batch.bytes = Buffer.from(batch.bytes);
      // Only after an answer: before it the socket may still read from the writer.
      writers.give(request.writer);
    } catch (e) {
      if (!isServiceError(e)) throw e;
      failed(request, e);
    }
    request.done();
    busy.delete(node);
    send();
  };

  /** Sends to every broker that is free and has something to get. */
  const send = (): void => {
    if (closed || buffer.records === 0) return;
    const now = clock.now();
    const byNode = new Map<number, SinkPartition[]>();
    for (let i = 0; i < count; i++) {
      // The turn decides who fits into the request.
      const p = at(partitions, (i + turn) % count);
      const ready = p.batch === undefined ? queued(p) > 0 : !p.batch.inFlight;
      if (!ready || p.leader === undefined || busy.has(p.leader) || now < p.notBefore) continue;
      if (p.batch === undefined && identities.current() === undefined) identities.ask();
      else if (byNode.has(p.leader)) byNode.get(p.leader)?.push(p);
      else byNode.set(p.leader, [p]);
    }
    turn++;
    for (const [node, ready] of byNode) {
      const request = composeRequest(ready, {
        topic,
        identity: identities.current(),
        now,
        maxBatchBytes,
        compression: options.compression,
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
    // The link asks again from time to time: another topic may have this name by now.
    if (good) void leaders.of(0).catch(() => undefined);
    const now = clock.now();
    for (const p of partitions) {
      const { batch, queue, head } = p;
      if (batch !== undefined && !batch.inFlight && at(batch.waiters.deadlines, 0) <= now) {
        end(p, batch);
        refuse(batch.waiters, batch.doubtful ? 'APPEND_UNCONFIRMED' : 'BROKER_UNAVAILABLE');
      }
      let n = 0;
      while ((queue.deadlines[head + n] ?? Infinity) <= now) n++;
      if (n > 0) refuse(takeFirst(p, n), 'BROKER_UNAVAILABLE');
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

  for (const p of partitions) void locate(p, false);
  identities.ask();
  return {
    append,
    partitions: count,
    topicId: leaders.topicId,
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
