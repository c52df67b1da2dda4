import { backOffMs } from '@verdikt/core/back-off.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import { isServiceError, ServiceError } from '@verdikt/core/errors.ts';
import { silentLog, type Log } from '@verdikt/core/ports/log.ts';
import type { BytePool } from '@verdikt/core/record/byte-pool.ts';
import type { Slice, WatchedSource } from '@verdikt/core/ports/source.ts';
import { classifyCode, fromCode } from '../client/classify.ts';
import { AnswerBytes, placeOf, type Held } from './answer-bytes.ts';
import { askFetch, chooseFetch, type FetchLimits } from './fetch-plan.ts';
import type { Link } from '../client/link.ts';
import { createReadAhead, type ReadAhead } from './read-ahead.ts';
import { sameTopic } from '../client/same-topic.ts';
import type { Fetched } from '../wire/fetch.ts';

export interface SourceOptions {
  /** Of the source alone, since its long polls hold up everything else on a socket. `stop` closes it. */
  readonly link: Link;
  readonly topic: string;
  /** Read ahead per task: fetched again below half of it. Default 1 MiB; one batch may go over it. */
  readonly readAheadBytes?: number;
  /** Per response. Default 4 MiB. */
  readonly fetchBytes?: number;
  /**
   * Of the connection of the link. What lies in an answer goes back to it: records may be read until the next poll of their task, or its
   * close. @default they may be read for as long as somebody has them
   */
  readonly pool?: BytePool | undefined;
  /** Longest wait of the broker for new records, and so the longest wait of a task just opened. Default 250. */
  readonly maxWaitMs?: number;
  /** Shortest time from one fetch of a broker to the next, so that what comes in a trickle is fetched together. Default 0. */
  readonly leastFetchMs?: number;
  /** How long the topic may be unknown to all brokers before TOPIC_INVALID. Default 30,000. */
  readonly unknownTopicMs?: number;
  readonly clock?: Clock;
  readonly log?: Log;
}

/** A task that is read. Thrown away whole when it is closed, so that a late answer finds no one. */
interface Reading {
  readonly task: number;
  readonly ahead: ReadAhead;
  readonly onReady: () => void;
  /** Node id. */
  leader: number | undefined;
  epoch: number;
  /** What it was opened with. */
  topicId: string | undefined;
  end: number;
  /** When a broker was asked that told it. */
  seenAt: number;
  failures: number;
  /** Since when the topic is unknown; undefined while it is known. */
  unknownSince: number | undefined;
  polledAt: number;
  /** A later leader is known by now. */
  moved: boolean;
  /** The last response had no room for even one of its batches. */
  starved: boolean;
  error: ServiceError | undefined;
}

/** Answers, at their largest, that may be held for the sake of small parts of them. */
const MOST_HELD = 6;
const MOST_HELD_BYTES = 16 * 1024 * 1024;
const WAITS = { fromMs: 50, toMs: 1_000 };
/** For the answer to a fetch, on top of the wait of the broker; then the socket is closed. */
const ANSWER_MS = 10_000;
/** What no retry fixes, so the task is told. Everything else is connection trouble or a move of the leader. */
const TOLD = new Set([
  ...['OFFSET_LOST', 'ACCESS_DENIED', 'TOPIC_INVALID', 'TOPIC_CHANGED', 'LOG_CORRUPT', 'BROKER_UNSUPPORTED'],
]);

/** Reads tasks of one topic at read_committed; see RecordSource. One fetch at a time per broker, for all its tasks with room. */
export const createSource = (options: SourceOptions): WatchedSource => {
  const { link, topic, pool } = options;
  const clock = options.clock ?? systemClock;
  const log = options.log ?? silentLog;
  const limits: FetchLimits = {
    readAheadBytes: options.readAheadBytes ?? 1024 * 1024,
    fetchBytes: options.fetchBytes ?? 4 * 1024 * 1024,
    maxWaitMs: options.maxWaitMs ?? 250,
  };
  const leastFetchMs = options.leastFetchMs ?? 0;
  const unknownTopicMs = options.unknownTopicMs ?? 30_000;
  const readings = new Map<number, Reading>();
  /** Per broker whose loop runs: its wake-up while it waits for room, else undefined. */
  const loops = new Map<number, (() => void) | undefined>();
  const held: Held = { bytes: 0 };
  let turn = 0;
  let stopped = false;

  const current = (r: Reading): boolean => readings.get(r.task) === r && r.error === undefined;

  const fail = (r: Reading, error: ServiceError): void => {
    r.error = error;
    r.leader = undefined;
    log.warn({ topic, task: r.task, position: r.ahead.position(), code: error.code }, 'task cannot be read');
    r.onReady();
  };

  /** Finds the leader, again and again; at once for a new task, after a wait once something failed. */
  const locate = async (r: Reading): Promise<void> => {
    while (current(r)) {
      if (r.failures > 0) {
        await new Promise<void>((resolve) => clock.after(backOffMs(r.failures, WAITS), resolve));
        if (!current(r)) return;
      }
      try {
        if (r.failures > 0) await link.refresh([topic]);
        const { node, epoch, topicId } = await link.leader(topic, r.task);
        r.unknownSince = undefined;
        if (!current(r)) return;
        r.topicId = sameTopic(topic, r.topicId, topicId);
        r.leader = node;
        r.epoch = epoch;
        r.moved = false;
        return run(node);
      } catch (e) {
        r.failures++;
        if (!isServiceError(e)) throw e;
        if (
          isServiceError(e, 'TOPIC_INVALID') &&
          clock.now() - (r.unknownSince ??= clock.now()) < unknownTopicMs
        )
          continue;
        if (TOLD.has(e.code) && current(r)) fail(r, e);
      }
    }
  };

  const relocate = (r: Reading): void => {
    r.leader = undefined;
    void locate(r);
  };

  const lost = (r: Reading): void => {
    r.failures++;
    relocate(r);
  };

  /** One that was deposed and does not know it answers on, with nothing new. The loop acts upon it, once nothing is under way. */
  const lookForLater = (r: Reading): void => {
    link.leader(topic, r.task).then(
      ({ epoch }) => {
        if (epoch > r.epoch) r.moved = true;
      },
      () => undefined,
    );
  };

  /** `shared`: the bytes of the whole answer, where they can be held. */
  const take = (
    r: Reading,
    answer: Fetched,
    of: { askedAt: number; recordBytes: number; shared: AnswerBytes | undefined; first: boolean },
  ): void => {
    if (answer.error !== 0) {
      if (TOLD.has(classifyCode(answer.error)))
        return fail(
          r,
          fromCode(
            answer.error,
            `the broker refuses the fetch of ${topic}-${r.task} at ${r.ahead.position()}: Kafka error ${answer.error}`,
            { topic, task: r.task, offset: r.ahead.position() },
          ),
        );
      log.debug({ topic, task: r.task, kafka: answer.error }, 'leader moved');
      return lost(r);
    }
    r.failures = 0;
    r.end = answer.highWatermark;
    // An answer that was long under way tells how the log was when it was asked for, at the earliest.
    r.seenAt = of.askedAt;
    if (answer.records.length === 0) return lookForLater(r);
    const most = Math.min(MOST_HELD * limits.fetchBytes, MOST_HELD_BYTES);
    const { records, bytes } = placeOf(answer.records, of.recordBytes, of.shared, held.bytes < most);
    try {
      const batches = r.ahead.add(records, answer.aborted, bytes);
      // The broker always gives the first partition one whole batch: what is cut there would be cut forever.
      if (batches === 0 && of.first)
        throw new ServiceError('LOG_CORRUPT', 'the broker sends half a batch', { topic, task: r.task });
      r.starved = batches === 0;
    } catch (e) {
      if (!isServiceError(e)) throw e;
      return fail(r, e);
    }
    if (!r.starved) r.onReady();
  };

  const read = (r: Reading, maxRecords: number, maxBytes: number): Slice | undefined => {
    try {
      return r.ahead.poll(maxRecords, maxBytes);
    } catch (e) {
      if (!isServiceError(e)) throw e;
      r.error = e;
      return undefined;
    }
  };

  const run = (node: number): void => {
    if (!loops.has(node)) {
      loops.set(node, undefined);
      void loop(node);
    } else loops.get(node)?.();
  };

  const loop = async (node: number): Promise<void> => {
    let askedAt = -Infinity;
    for (;;) {
      // No more than that, if the clock was set back.
      const early = Math.min(leastFetchMs, askedAt + leastFetchMs - clock.now());
      if (early > 0) await new Promise<void>((resolve) => clock.after(early, resolve));
      for (const r of readings.values()) if (r.leader === node && r.moved) relocate(r);
      const led = [...readings.values()].filter((r) => r.leader === node && current(r));
      // Of one topic: tasks opened before it was made again find that out by themselves.
      const id = led[0]?.topicId;
      const mine = led.filter((r) => r.topicId === id);
      if (stopped || mine.length === 0) break;
      const plan = chooseFetch(mine, limits, turn++, clock.now());
      if (plan.readings.length === 0) {
        await new Promise<void>((resolve) => loops.set(node, resolve));
        loops.set(node, undefined);
        continue;
      }
      try {
        askedAt = clock.now();
        const answer = await askFetch(link, node, { name: topic, id }, plan, limits, ANSWER_MS);
        const byTask = new Map(answer.partitions.map((a) => [a.partition, a]));
        const shared = pool && new AnswerBytes(answer.bytes, pool, held);
        const { recordBytes } = answer;
        for (const r of plan.readings) {
          const part = byTask.get(r.task);
          if (current(r) && part !== undefined)
            take(r, part, { askedAt, recordBytes, shared, first: r === plan.readings[0] });
        }
        shared?.release();
      } catch (e) {
        if (!isServiceError(e)) throw e;
        if (!stopped) log.debug({ topic, node, code: e.code }, 'fetch failed');
        for (const r of plan.readings) if (current(r)) TOLD.has(e.code) ? fail(r, e) : lost(r);
      }
    }
    loops.delete(node);
  };

  return {
    open: (task, nextOffset, onReady) => {
      const reading: Reading = {
        task,
        ahead: createReadAhead(Number(nextOffset), onReady),
        onReady,
        leader: undefined,
        epoch: -1,
        topicId: undefined,
        end: -1,
        seenAt: -1,
        failures: 0,
        unknownSince: undefined,
        polledAt: -1,
        moved: false,
        starved: false,
        error: undefined,
      };
      readings.set(task, reading);
      void locate(reading);
    },
    poll: (task, maxRecords, maxBytes) => {
      const r = readings.get(task);
      if (r === undefined) return undefined;
      r.polledAt = clock.now();
      const slice = read(r, maxRecords, maxBytes);
      if (slice === undefined && r.error !== undefined) throw r.error;
      if (r.leader !== undefined && r.ahead.bytes() < limits.readAheadBytes / 2) loops.get(r.leader)?.();
      return slice;
    },
    lag: (task) => {
      const r = readings.get(task);
      return r === undefined ? 0 : Math.max(0, r.end - r.ahead.polled());
    },
    seenAt: (task) => readings.get(task)?.seenAt ?? -1,
    readable: (task) => (readings.get(task)?.ahead.bytes() ?? 0) > 0,
    close: (task) => {
      readings.get(task)?.ahead.close();
      readings.delete(task);
    },
    stop: async () => {
      stopped = true;
      for (const r of readings.values()) r.ahead.close();
      readings.clear();
      for (const wake of loops.values()) wake?.();
      await link.close();
    },
  };
};
