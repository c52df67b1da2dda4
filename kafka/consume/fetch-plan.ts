import type { Link } from '../client/link.ts';
import type { ReadAhead } from './read-ahead.ts';
import { fetchFrom, type FetchAnswer, type FetchPosition } from '../wire/fetch.ts';
import { fromCode } from '../client/classify.ts';

export interface FetchLimits {
  readonly readAheadBytes: number;
  readonly fetchBytes: number;
  readonly maxWaitMs: number;
}

interface Candidate {
  readonly task: number;
  readonly ahead: ReadAhead;
  /** Of the leader that is asked. */
  readonly epoch: number;
  /** When it was polled last, milliseconds; -1 never. */
  readonly polledAt: number;
  readonly starved: boolean;
}

interface FetchPlan<R> {
  /** In the order of the request; empty when no task has room. */
  readonly readings: readonly R[];
  readonly positions: readonly FetchPosition[];
  readonly maxWaitMs: number;
}

/** A full task that was polled within this time will soon have room. */
const DRAINING_MS = 200;
/** The wait of a fetch meanwhile: the next one, with that task, must not be held up by idle partitions. */
const SHORT_WAIT_MS = 5;

/**
 * The next fetch from one broker: the tasks whose read-ahead is below half. The broker fills the response in their order,
 * so the order turns with every fetch, and a task that got nothing for lack of room goes first.
 */
export const chooseFetch = <R extends Candidate>(
  tasks: readonly R[],
  limits: FetchLimits,
  turn: number,
  now: number,
): FetchPlan<R> => {
  const room = tasks.filter((t) => t.ahead.bytes() < limits.readAheadBytes / 2);
  const start = room.length === 0 ? 0 : turn % room.length;
  const turned = [...room.slice(start), ...room.slice(0, start)];
  const readings = [...turned.filter((t) => t.starved), ...turned.filter((t) => !t.starved)];
  const draining = tasks.some(
    (t) => t.ahead.bytes() >= limits.readAheadBytes / 2 && t.polledAt >= 0 && now - t.polledAt < DRAINING_MS,
  );
  return {
    readings,
    positions: readings.map((t) => ({
      partition: t.task,
      epoch: t.epoch,
      offset: t.ahead.position(),
      maxBytes: limits.readAheadBytes - t.ahead.bytes(),
    })),
    maxWaitMs: draining ? Math.min(SHORT_WAIT_MS, limits.maxWaitMs) : limits.maxWaitMs,
  };
};

/** Sends the fetch; `recordBytes` is the size of the record sets together. Rejects with ServiceError. */
export const askFetch = async (
  link: Link,
  node: number,
  topic: { readonly name: string; readonly id: string | undefined },
  plan: FetchPlan<unknown>,
  limits: FetchLimits,
  answerMs: number,
): Promise<FetchAnswer & { readonly recordBytes: number }> => {
  const { maxWaitMs } = plan;
  const fetch = fetchFrom(topic, plan.positions, {
    isolation: 'read_committed',
    maxWaitMs,
    minBytes: 1,
    maxBytes: limits.fetchBytes,
  });
  const answer = await link.exchange(node, fetch, { timeoutMs: maxWaitMs + answerMs });
  const { error, partitions } = answer;
  if (error !== 0) throw fromCode(error, 'the broker refuses the fetch', { topic: topic.name, node });
  const recordBytes = partitions.reduce((n, p) => n + p.records.length, 0);
  return { ...answer, recordBytes };
};
