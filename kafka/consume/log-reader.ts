import { backOffMs } from '@verdikt/core/back-off.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import { BytePages } from '@verdikt/core/record/byte-pages.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { classifyCode, fromCode, kafkaCode } from '../client/classify.ts';
import type { Leader, Link } from '../client/link.ts';
import { listOffset } from '../client/list-offset.ts';
import { retrying } from '../client/retry.ts';
import { sameTopic } from '../client/same-topic.ts';
import { committedBatches } from '../wire/aborted.ts';
import { scanBatches } from '../wire/batch.ts';
import { eachRecord, nextOffset } from '../wire/batch-reader.ts';
import { fetchFrom, type Fetched, type Isolation } from '../wire/fetch.ts';
import { EARLIEST, LATEST } from '../wire/list-offsets.ts';

interface LogReaderOptions {
  /** Of readers alone: long polls on the same sockets would hold up every read. Not closed by the reader. */
  readonly link: Link;
  /** Lends the bytes of answers, and gets them back once their records were visited or copied. Must be that of the link. Default none. */
  readonly pool?: BytePool | undefined;
  /** Per fetch of a scan, of which two are under way. Default 500,000: a process that takes many tasks scans all of them at once. */
  readonly scanBytes?: number;
  /** After so long without progress: BROKER_UNAVAILABLE. An open transaction below the end holds up a scan. Default 60,000. */
  readonly patienceMs?: number;
  readonly clock?: Clock;
}

/** The creation of a topic takes a moment to reach all brokers. */
const UNKNOWN_WAITS = { fromMs: 50, toMs: 800, forMs: 1_500 };
const isUnknown = (e: unknown): boolean => [3, 5].includes(kafkaCode(e) ?? 0);
const OUT_OF_RANGE = 1;
const MAX_WAIT_MS = 250;
const ANSWER_MS = 10_000;
const WAITS = { fromMs: 20, toMs: 1_000 };
/** Wanted offsets closer than this are read in one fetch rather than asked for one by one. */
const NEAR = 1_000;
const SPARSE_BYTES = 64 * 1024;
const DENSE_BYTES = 1024 * 1024;
const MAX_EMPTY = 20;
/** What is fetched is copied into pages, so that it does not hold on to whole responses. */
const PAGE_BYTES = 256 * 1024;

/** What was fetched, and the bytes of the answer in which it lies. */
type Answer = Fetched & { readonly bytes: Buffer };

/** What one call reads. */
interface Place {
  readonly topic: string;
  readonly partition: number;
  /** Of the topic that the call began with; undefined until it is known. */
  id: string | undefined;
}

/** Reads logs outside the group; see LogReader. Moves of leaders and broken connections are waited for, within limits. */
export const createLogReader = (options: LogReaderOptions): LogReader => {
  const { link, pool } = options;
  const clock = options.clock ?? systemClock;
  const scanBytes = options.scanBytes ?? 500_000;
  const patienceMs = options.patienceMs ?? 60_000;

  /** Repeats `work` at the leader until it succeeds, fails for good, or patience ends. */
  const atLeader = async <T>(place: Place, work: (leader: Leader) => Promise<T>): Promise<T> => {
    const { topic, partition } = place;
    const end = clock.now() + patienceMs;
    for (let failures = 1; ; failures++) {
      const wait = backOffMs(failures, WAITS);
      try {
        const leader = await link.leader(topic, partition);
        place.id = sameTopic(topic, place.id, leader.topicId);
        return await work(leader);
      } catch (e) {
        if (!isServiceError(e, 'BROKER_UNAVAILABLE') || e.details['closed'] === true) throw e;
        if (clock.now() + wait > end) throw e;
      }
      await new Promise<void>((resolve) => clock.after(wait, resolve));
      await link.refresh([topic]).catch(() => undefined);
    }
  };

  const offsetOf = (place: Place, time: number): Promise<number> =>
    atLeader(place, (leader) =>
      listOffset(link, place.topic, place.partition, time, 'read_uncommitted', leader),
    );

  const fetchAt = (place: Place, offset: number, isolation: Isolation, maxBytes: number): Promise<Answer> =>
    atLeader(place, async ({ node, epoch }) => {
      const { topic, partition } = place;
      const positions = [{ partition, epoch, offset, maxBytes }];
      const limits = { isolation, maxWaitMs: MAX_WAIT_MS, minBytes: 1, maxBytes };
      const fetch = fetchFrom({ name: topic, id: place.id }, positions, limits);
      const { error, partitions, bytes } = await link.exchange(node, fetch, {
        timeoutMs: MAX_WAIT_MS + ANSWER_MS,
      });
      const code = error !== 0 ? error : (partitions[0]?.error ?? -1);
      if (code !== 0) throw fromCode(code, 'the broker refuses the fetch', { topic, partition, offset });
      return { ...partitions[0], bytes };
    });

  /** The batches of a fetched record set. The broker always sends one whole batch first: less would be less forever. */
  const batchesOf = (fetched: Fetched, topic: string): ReturnType<typeof scanBatches> => {
    const batches = scanBatches(fetched.records);
    if (batches.length > 0 || fetched.records.length === 0) return batches;
    throw new ServiceError('LOG_CORRUPT', 'the broker sends half a batch', {
      topic,
      partition: fetched.partition,
    });
  };

  const boundsOf = async (place: Place): Promise<{ start: number; end: number }> => {
    const [start, end] = await Promise.all([offsetOf(place, EARLIEST), offsetOf(place, LATEST)]);
    return { start, end };
  };

  /** Where the log goes on for a position that is not in it: what was deleted is skipped, what is to come is not there. */
  const skipDeleted = async (place: Place, at: number): Promise<number> => {
    const { topic, partition } = place;
    const { start, end } = await boundsOf(place);
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
    const place = placeOf(topic, partition);
    const ask = (at: number): Promise<Answer> => fetchAt(place, at, 'read_committed', scanBytes);
    let at = from;
    let patience = clock.now() + patienceMs;
    let ahead = at < to ? ask(at) : undefined;
    while (ahead !== undefined) {
      const fetched: Answer | undefined = await ahead.catch((e: unknown) => {
        if (kafkaCode(e) === OUT_OF_RANGE) return undefined;
        throw e;
      });
      if (fetched === undefined) {
        at = await skipDeleted(place, at);
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
      pool?.give(fetched.bytes);
      at = next;
    }
  };

  const fetch: LogReader['fetch'] = async (topic, partition, offsets, maxBytes = Infinity) => {
    const place = placeOf(topic, partition);
    const wanted = [...new Set(offsets)].sort((a, b) => a - b);
    const found = new Map<number, InRecord>();
    const pages = new BytePages(PAGE_BYTES);
    const lost = (offset: number): ServiceError =>
      new ServiceError('OFFSET_LOST', `${topic} has no record at ${offset} any more`, {
        topic,
        partition,
        offset,
      });
    let empty = 0;
    let bytes = 0;
    for (
      let i = 0, at = wanted[0];
      i < wanted.length && bytes < maxBytes;
      at = Math.max(at, wanted[i] ?? 0)
    ) {
      const dense = wanted[i + 1] !== undefined && wanted[i + 1] - wanted[i] < NEAR;
      const fetched: Answer = await fetchAt(
        place,
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
            if (record.offset !== wanted[i] || bytes >= maxBytes) return;
            const { size } = record;
            found.set(wanted[i++], record.copyTo(pages.room(size), pages.used));
            pages.used += size;
            bytes += size;
          });
        if (i === wanted.length || bytes >= maxBytes) break;
        if (wanted[i] <= batch.lastOffset) throw lost(wanted[i]);
      }
      at = nextOffset(batches, at);
      pool?.give(fetched.bytes);
    }
    const known = offsets.map((offset) => found.get(offset));
    return known.filter((record) => record !== undefined);
  };

  return {
    describe: (topics) =>
      retrying(clock, UNKNOWN_WAITS, isUnknown, async () => {
        const found = await link.topics(topics);
        return topics.map((topic) => {
          const t = found.find((x) => x.topic === topic);
          if (t?.error !== 0) throw fromCode(t?.error ?? 3, `topic ${topic} cannot be used`, { topic }, true);
          return { id: t.id, partitions: t.leaders.length };
        });
      }),
    bounds: (topic, partition) => boundsOf(placeOf(topic, partition)),
    offsetAt: async (topic, partition, time) => {
      const place = placeOf(topic, partition);
      // The end first: a record that is written between the two questions would be passed over.
      const end = await offsetOf(place, LATEST);
      const offset = await offsetOf(place, time);
      return offset >= 0 ? offset : end;
    },
    scan,
    fetch,
  };
};

const placeOf = (topic: string, partition: number): Place => ({ topic, partition, id: undefined });
