import { at } from '@verdikt/core/at.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Slice, Writer } from '@verdikt/core/ports/source.ts';
import { committedBatches, type AbortedTransaction } from '../wire/aborted.ts';
import type { AnswerBytes } from './answer-bytes.ts';
import { scanBatches, type Batch } from '../wire/batch.ts';
import { nextOffset, openBatch, type OpenOptions } from '../wire/batch-reader.ts';
import type { Haul, RecordCursor } from '../wire/record-cursor.ts';

/** What was fetched for one task and not polled yet. Batches wait as bytes; records are decoded as they are polled. */
export interface ReadAhead {
  /** Where to fetch on. */
  position(): number;
  /** Offset after everything that was polled. */
  polled(): number;
  /** Bytes of the batches that wait, as they came from the broker. */
  bytes(): number;
  /**
   * Adds the record set of a fetch from `position()`, which is held for as long as its batches wait or their records may be read. Returns
   * how many whole batches it has. Throws LOG_CORRUPT.
   */
  add(recordSet: Buffer, aborted: readonly AbortedTransaction[], bytes?: AnswerBytes): number;
  /**
   * At most `maxRecords` and, past the first, `maxBytes`; undefined when nothing waits, or the next piece of a large batch is
   * still being inflated. What the poll before has handed out may be written over from now on. Throws LOG_CORRUPT where the next record
   * cannot be read.
   */
  poll(maxRecords: number, maxBytes: number): Slice | undefined;
  /** Stops inflating. Nothing may be called after it. */
  close(): void;
}

interface Waiting {
  readonly batch: Batch;
  readonly visible: boolean;
  readonly bytes: number;
  readonly held: AnswerBytes | undefined;
}

/** So many batches that are done are kept, with their bytes, before the queue is cut. */
const MOST_DONE = 8;

/** `onReady` is called when the piece is there that a `poll` asked for. It must not throw. */
export const createReadAhead = (start: number, onReady: () => void, options: OpenOptions = {}): ReadAhead => {
  let queue: Waiting[] = [];
  let head = 0;
  let position = start;
  let polled = start;
  let bytes = 0;
  /** In the batch at the head, once it was polled. */
  let cursor: RecordCursor | undefined;
  let feeding = false;
  let closed = false;
  /** Of batches that are done, whose last records were handed out by the last poll. */
  let spent: AnswerBytes[] = [];

  const release = (): void => {
    for (const held of spent) held.release();
    if (spent.length > 0) spent = [];
  };

  const next = (): void => {
    const done = at(queue, head++);
    bytes -= done.bytes;
    if (done.held !== undefined) spent.push(done.held);
    polled = done.batch.lastOffset + 1;
    cursor = undefined;
    // Under a backlog the queue is never empty: what is done must go before.
    if (head === queue.length || head === MOST_DONE) {
      queue = queue.slice(head);
      head = 0;
    }
  };

  const feed = async (from: RecordCursor): Promise<void> => {
    if (feeding) return;
    feeding = true;
    await from.feed();
    feeding = false;
    if (!closed) onReady();
  };

  /** True when the batch at the head is over. */
  const takeFrom = (batch: Batch, haul: Haul): boolean => {
    const { records } = haul;
    try {
      cursor ??= openBatch(batch, polled, options);
      const stop = cursor.take(haul);
      if (stop === 'done') return true;
      if (stop === 'wait') void feed(cursor);
    } catch (e) {
      // What was read before is handed out first; the next poll meets the same batch again.
      if (records.length === 0) throw e;
    }
    polled = Math.max(polled, (records.at(-1)?.offset ?? -1) + 1);
    return false;
  };

  return {
    position: () => position,
    polled: () => polled,
    bytes: () => bytes,
    add: (recordSet, aborted, held) => {
      const batches = scanBatches(recordSet);
      const after = nextOffset(batches, position);
      const visible = committedBatches(batches, aborted);
      let v = 0;
      for (const batch of batches) {
        if (batch.lastOffset < position) continue;
        while ((visible[v]?.baseOffset ?? Infinity) < batch.baseOffset) v++;
        const size = batch.end - batch.start;
        held?.hold();
        queue.push({ batch, visible: visible[v] === batch, bytes: size, held });
        bytes += size;
      }
      position = after;
      return batches.length;
    },
    poll: (maxRecords, maxBytes) => {
      release();
      if (head === queue.length) return undefined;
      const before = polled;
      const records: InRecord[] = [];
      const writers: Writer[] = [];
      const haul: Haul = { records, bytes: 0, maxRecords, maxBytes };
      while (head < queue.length) {
        const { batch, visible } = at(queue, head);
        if (visible) {
          const { baseOffset: from, producerId, producerEpoch } = batch;
          writers.push({ from, producerId, producerEpoch });
        }
        if (visible && (records.length >= maxRecords || !takeFrom(batch, haul))) break;
        next();
      }
      return polled === before ? undefined : { records, nextOffset: BigInt(polled), writers };
    },
    close: () => {
      closed = true;
      cursor?.close();
      for (const held of [...spent, ...queue.slice(head).map((w) => w.held)]) held?.abandon();
      queue = [];
      spent = [];
      head = 0;
    },
  };
};
