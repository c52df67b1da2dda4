import { at } from '@verdikt/core/at.ts';
import type { Compression } from '@verdikt/core/record/compression.ts';
import type { OutRecords } from '@verdikt/core/record/record.ts';
import type { Committed } from '@verdikt/core/ports/transactions.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import { fromCode } from '../client/classify.ts';
import type { Link } from '../client/link.ts';
import type { Producer } from './transaction-requests.ts';
import type { WriterPool } from '../wire/byte-writer.ts';
import { beginProduce, produceResponse, type Produced } from '../wire/produce.ts';

interface Output {
  readonly topic: string;
  readonly records: OutRecords;
}

export interface ProduceDeps {
  readonly link: Link;
  readonly writers: WriterPool;
  readonly producer: Producer;
  readonly partition: number;
  /** Next sequence number per topic; moved on as soon as it is sent, since only a new epoch starts again. */
  readonly sequences: Map<string, number>;
  /** Largest batch per topic, `maxBatchBytes` where there is none. Shrinks where a topic takes less. */
  readonly limits: Map<string, number>;
  readonly maxBatchBytes: number;
  /** By topic; none where there is none. */
  readonly compressions: ReadonlyMap<string, Compression>;
  readonly timeoutMs: number;
  readonly now: () => number;
}

interface Part {
  readonly output: number;
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/** Where an output of the plan stands. */
interface Cursor {
  readonly index: number;
  readonly output: Output;
  at: number;
}

/** Filled in while the answers come. */
interface Written {
  readonly offsets: number[][];
  appendTime: number;
}

const SEQUENCES = 2 ** 31;

/**
 * Writes all outputs to partition `partition` of their topics, one request per leader at a time, each with at most one batch per
 * topic, in the order of the records. Resolves with where they are once all are written. Rejects with ServiceError; then
 * anything may have been written.
 */
export const produceAll = async (deps: ProduceDeps, outputs: readonly Output[]): Promise<Committed> => {
  const written = { offsets: outputs.map((o) => new Array<number>(o.records.length)), appendTime: -1 };
  const byLeader = new Map<number, Cursor[]>();
  const cursors = outputs
    .map((output, index): Cursor => ({ index, output, at: 0 }))
    .filter((c) => c.output.records.length > 0);
  const leaders = await Promise.all(cursors.map((c) => deps.link.leader(c.output.topic, deps.partition)));
  cursors.forEach((c, i) => {
    const { node } = at(leaders, i);
    const list = byLeader.get(node);
    if (list === undefined) byLeader.set(node, [c]);
    else list.push(c);
  });
  await Promise.all([...byLeader].map(([leader, list]) => produceTo(deps, leader, list, written)));
  return written;
};

const produceTo = async (
  deps: ProduceDeps,
  leader: number,
  cursors: Cursor[],
  written: Written,
): Promise<void> => {
  while (cursors.some((c) => c.at < c.output.records.length)) {
    const writer = deps.writers.take();
    const body = beginProduce(writer, {
      transactionalId: deps.producer.transactionalId,
      timeoutMs: deps.timeoutMs,
    });
    const parts = new Map<string, Part>();
    for (const c of cursors) {
      const { topic, records } = c.output;
      // The same topic may be named twice; its second part goes with a later request.
      if (c.at === records.length || parts.has(topic)) continue;
      const sequence = deps.sequences.get(topic) ?? 0;
      const meta = {
        ...{ ...deps.producer, baseSequence: sequence, transactional: true },
        compression: deps.compressions.get(topic),
      };
      const limit = deps.limits.get(topic) ?? deps.maxBatchBytes;
      body.topic(topic);
      const count =
        body.partition(deps.partition, records, c.at, records.length, meta, deps.now(), limit) ||
        // Larger than our limit on its own: the topic may still take it, and else says so.
        body.partition(deps.partition, records, c.at, c.at + 1, meta, deps.now());
      parts.set(topic, { output: c.index, topic, from: c.at, to: c.at + count });
      deps.sequences.set(topic, (sequence + count) % SEQUENCES);
      c.at += count;
    }
    const answers = await deps.link.send(leader, body.end(), produceResponse, {
      timeoutMs: deps.timeoutMs + 1_000,
    });
    // Only after an answer: before it the socket may still read from the writer.
    deps.writers.give(writer);
    settle(deps, parts, answers, written);
  }
};

const TOO_LARGE = new Set([10, 18]);

const settle = (
  deps: ProduceDeps,
  parts: ReadonlyMap<string, Part>,
  answers: readonly Produced[],
  written: Written,
): void => {
  const seen = new Set<string>();
  for (const a of answers) {
    const part = a.partition === deps.partition ? parts.get(a.topic) : undefined;
    const where = { topic: a.topic, partition: a.partition };
    if (part === undefined || seen.has(a.topic)) {
      throw new ServiceError(
        'TRANSACTION_FAILED',
        'the broker answered for a partition that was not asked',
        where,
      );
    }
    seen.add(a.topic);
    const count = part.to - part.from;
    if (TOO_LARGE.has(a.error) && count > 1) {
      // One of them, or only all together? With smaller batches the next writer finds out.
      const limit = deps.limits.get(a.topic) ?? deps.maxBatchBytes;
      deps.limits.set(a.topic, Math.max(1, Math.floor(limit / 2)));
      throw new ServiceError(
        'TRANSACTION_FAILED',
        'the topic takes smaller batches; the next one is halved',
        { ...where, limit },
      );
    }
    if (a.error !== 0)
      throw fromCode(a.error, 'a batch was refused', { ...where, output: part.output, record: part.from });
    if (a.baseOffset < 0)
      throw new ServiceError(
        'TRANSACTION_FAILED',
        'a batch was taken for one that was written before',
        where,
      );
    const offsets = at(written.offsets, part.output);
    for (let i = 0; i < count; i++) offsets[part.from + i] = a.baseOffset + i;
    written.appendTime = Math.max(written.appendTime, a.appendTime);
  }
  if (seen.size < parts.size)
    throw new ServiceError('TRANSACTION_FAILED', 'the broker did not answer for every partition', {
      partition: deps.partition,
      topics: [...parts.keys()].filter((t) => !seen.has(t)),
    });
};
