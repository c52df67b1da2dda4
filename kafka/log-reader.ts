import { systemClock, type Clock } from '@verdikt/core/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record.ts';
import type { LogReader } from '@verdikt/processor/ports.ts';
import { classifyCode, fromCode, kafkaCode } from './classify.ts';
import type { Link } from './link.ts';
import { committedBatches } from './wire/aborted.ts';
import { scanBatches } from './wire/batch.ts';
import { eachRecord, nextOffset } from './wire/batch-reader.ts';
import { fetchRequest, fetchResponse, type Fetched, type Isolation } from './wire/fetch.ts';
import { EARLIEST, LATEST, listOffsetsRequest, listOffsetsResponse } from './wire/list-offsets.ts';

export interface LogReaderOptions {
  /** Of readers alone: long polls on the same sockets would hold up every read. Not closed by the reader. */
  readonly link: Link;
  /** Per fetch of a scan. Default 4 MiB. */
  readonly scanBytes?: number;
  /** After so long without progress: BROKER_UNAVAILABLE. An open transaction below the end holds up a scan. Default 60,000. */
  readonly patienceMs?: number;
  readonly clock?: Clock;
}

const OUT_OF_RANGE = 1;
const MAX_WAIT_MS = 250;
const ANSWER_MS = 10_000;
const RETRY_FROM_MS = 20;
const RETRY_TO_MS = 1_000;
/** Wanted offsets closer than this are read in one fetch rather than asked for one by one. */
const NEAR = 1_000;
const SPARSE_BYTES = 64 * 1024;
const DENSE_BYTES = 1024 * 1024;
const MAX_EMPTY = 20;

/** Reads logs outside the group; see LogReader. Moves of leaders and broken connections are waited for, within limits. */
export const createLogReader = (options: LogReaderOptions): LogReader => {
  const { link } = options;
  const clock = options.clock ?? systemClock;
  const scanBytes = options.scanBytes ?? 4 * 1024 * 1024;
  const patienceMs = options.patienceMs ?? 60_000;

  /** Repeats `work` at the leader until it succeeds, fails for good, or patience ends. */
  const atLeader = async <T>(
    topic: string,
    partition: number,
    work: (node: number) => Promise<T>,
  ): Promise<T> => {
    const end = clock.now() + patienceMs;
    for (let wait = RETRY_FROM_MS; ; wait = Math.min(RETRY_TO_MS, wait * 2)) {
      try {
        return await work(await link.leader(topic, partition));
      } catch (e) {
        if (!isServiceError(e, 'BROKER_UNAVAILABLE') || clock.now() + wait > end) throw e;
      }
      await new Promise<void>((resolve) => clock.after(wait, resolve));
      await link.refresh([topic]).catch(() => undefined);
    }
  };

  const listOffset = (topic: string, partition: number, time: number): Promise<number> =>
    atLeader(topic, partition, async (node) => {
      const [answer] = await link.send(
        node,
        listOffsetsRequest(topic, [{ partition, time }], 'read_uncommitted'),
        listOffsetsResponse,
      );
      if (answer === undefined)
        throw new ServiceError('BROKER_UNAVAILABLE', 'the broker left out the partition', {
          topic,
          partition,
        });
      if (answer.error !== 0)
        throw fromCode(answer.error, 'the broker gives no offset', { topic, partition });
      return answer.offset;
    });

  const fetchAt = (
    topic: string,
    partition: number,
    offset: number,
    isolation: Isolation,
    maxBytes: number,
  ): Promise<Fetched> =>
    atLeader(topic, partition, async (node) => {
      const request = fetchRequest(topic, [{ partition, offset, maxBytes }], {
        isolation,
        maxWaitMs: MAX_WAIT_MS,
        minBytes: 1,
        maxBytes,
      });
      const { error, partitions } = await link.send(node, request, fetchResponse, {
        timeoutMs: MAX_WAIT_MS + ANSWER_MS,
      });
      const code = error !== 0 ? error : (partitions[0]?.error ?? -1);
      if (code !== 0) throw fromCode(code, 'the broker refuses the fetch', { topic, partition, offset });
      return partitions[0];
    });

  /** The batches of a fetched record set. The broker always sends one whole batch first: less would be less for ever. */
  const batchesOf = (fetched: Fetched, topic: string): ReturnType<typeof scanBatches> => {
    const batches = scanBatches(fetched.records);
    if (batches.length > 0 || fetched.records.length === 0) return batches;
    throw new ServiceError('LOG_CORRUPT', 'the broker sends half a batch', {
      topic,
      partition: fetched.partition,
    });
  };

  const bounds: LogReader['bounds'] = async (topic, partition) => {
    const [start, end] = await Promise.all([
      listOffset(topic, partition, EARLIEST),
      listOffset(topic, partition, LATEST),
    ]);
    return { start, end };
  };

  /** Where the log goes on for a position that is not in it: what was deleted is skipped, what is to come is not there. */
  const skipDeleted = async (topic: string, partition: number, at: number): Promise<number> => {
    const { start, end } = await bounds(topic, partition);
    if (at < start) return start;
    throw new ServiceError('OFFSET_LOST', `${topic} ends at ${end}, before ${at}`, {
      topic,
      partition,
      offset: at,
      start,
      end,
    });
  };

  const scan: LogReader['scan'] = async (topic, partition, from, to, visit) => {
    const ask = (at: number): Promise<Fetched> => fetchAt(topic, partition, at, 'read_committed', scanBytes);
    let at = from;
    let patience = clock.now() + patienceMs;
    let ahead = at < to ? ask(at) : undefined;
    while (ahead !== undefined) {
      const fetched: Fetched | undefined = await ahead.catch((e: unknown) => {
        if (kafkaCode(e) === OUT_OF_RANGE) return undefined;
        throw e;
      });
      if (fetched === undefined) {
        at = await skipDeleted(topic, partition, at);
        ahead = at < to ? ask(at) : undefined;
        continue;
      }
      const batches = batchesOf(fetched, topic);
      const next = nextOffset(batches, at);
      if (next > at) patience = clock.now() + patienceMs;
      else if (clock.now() > patience)
        throw new ServiceError('BROKER_UNAVAILABLE', `${topic} stays at ${at}: an open transaction?`, {
          topic,
          partition,
          offset: at,
        });
      // The next fetch runs while these records are visited.
      ahead = next < to ? ask(next) : undefined;
      ahead?.catch(() => undefined);
      for (const batch of committedBatches(batches, fetched.aborted))
        await eachRecord(batch, at, (record) => {
          if (record.offset < to) visit(record);
        });
      at = next;
    }
  };

  const fetch: LogReader['fetch'] = async (topic, partition, offsets) => {
    const wanted = [...new Set(offsets)].sort((a, b) => a - b);
    const found = new Map<number, InRecord>();
    const lost = (offset: number): ServiceError =>
      new ServiceError('OFFSET_LOST', `${topic} has no record at ${offset} any more`, {
        topic,
        partition,
        offset,
      });
    let empty = 0;
    for (let i = 0, at = wanted[0]; i < wanted.length; at = Math.max(at, wanted[i] ?? 0)) {
      const dense = wanted[i + 1] !== undefined && wanted[i + 1] - wanted[i] < NEAR;
      const fetched: Fetched = await fetchAt(
        topic,
        partition,
        at,
        'read_uncommitted',
        dense ? DENSE_BYTES : SPARSE_BYTES,
      ).catch((e: unknown) => {
        throw classifyCode(kafkaCode(e) ?? 0) === 'OFFSET_LOST' ? lost(wanted[i]) : e;
      });
      const batches = batchesOf(fetched, topic);
      // A new leader may not show its last records at once; behind the end of the log there is nothing to wait for.
      if (batches.length === 0 && ++empty > MAX_EMPTY) throw lost(wanted[i]);
      for (const batch of batches) {
        if (batch.lastOffset < wanted[i]) continue;
        if (batch.marker === undefined && batch.baseOffset <= wanted[wanted.length - 1])
          await eachRecord(batch, wanted[i], (record) => {
            if (record.offset === wanted[i]) found.set(wanted[i++], record.detach());
          });
        if (i === wanted.length) break;
        if (wanted[i] <= batch.lastOffset) throw lost(wanted[i]);
      }
      at = nextOffset(batches, at);
    }
    return offsets.map((offset) => found.get(offset) as InRecord);
  };

  return {
    describe: async (topics) => {
      const found = await link.topics(topics);
      return topics.map((topic) => {
        const t = found.find((x) => x.topic === topic);
        if (t?.error !== 0) throw fromCode(t?.error ?? 3, `topic ${topic} cannot be used`, { topic }, true);
        return { id: undefined, partitions: t.leaders.length };
      });
    },
    bounds,
    offsetAt: async (topic, partition, time) => {
      const offset = await listOffset(topic, partition, time);
      return offset >= 0 ? offset : listOffset(topic, partition, LATEST);
    },
    scan,
    fetch,
  };
};
