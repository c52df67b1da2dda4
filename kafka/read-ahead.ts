import type { InRecord } from '@verdikt/core/record.ts';
import type { Slice } from '@verdikt/processor/ports.ts';
import { committedBatches, type AbortedTransaction } from './wire/aborted.ts';
import { scanBatches, type Batch } from './wire/batch.ts';
import { nextOffset, readRecords } from './wire/batch-reader.ts';

/** What was fetched for one task and not polled yet. Batches wait as bytes; records are decoded when they are asked for. */
export interface ReadAhead {
  /** Where to fetch on. */
  position(): number;
  /** Offset after everything that was polled. */
  polled(): number;
  /** Bytes of the batches that wait, as they came from the broker. */
  bytes(): number;
  /** Adds the record set of a fetch from `position()`. Returns how many whole batches it held. Throws LOG_CORRUPT. */
  add(recordSet: Buffer, aborted: readonly AbortedTransaction[]): number;
  /**
   * At most `maxRecords` and, past the first, `maxBytes`; undefined when nothing waits. Throws LOG_CORRUPT where the next
   * batch cannot be read.
   */
  poll(maxRecords: number, maxBytes: number): Slice | undefined;
}

interface Waiting {
  readonly batch: Batch;
  readonly visible: boolean;
  readonly bytes: number;
}

export const createReadAhead = (start: number): ReadAhead => {
  let queue: Waiting[] = [];
  let head = 0;
  let position = start;
  let polled = start;
  let bytes = 0;
  // The records of the batch at the head, once it is decoded, and how many of them are gone.
  let records: InRecord[] | undefined;
  let taken = 0;

  const next = (): void => {
    const done = queue[head++];
    bytes -= done.bytes;
    polled = done.batch.lastOffset + 1;
    records = undefined;
    taken = 0;
    if (head === queue.length) {
      queue = [];
      head = 0;
    }
  };

  return {
    position: () => position,
    polled: () => polled,
    bytes: () => bytes,
    add: (recordSet, aborted) => {
      const batches = scanBatches(recordSet);
      const after = nextOffset(batches, position);
      const visible = committedBatches(batches, aborted);
      let v = 0;
      for (const batch of batches) {
        if (batch.lastOffset < position) continue;
        while (v < visible.length && visible[v].baseOffset < batch.baseOffset) v++;
        const size = batch.end - batch.start;
        queue.push({ batch, visible: visible[v] === batch, bytes: size });
        bytes += size;
      }
      position = after;
      return batches.length;
    },
    poll: (maxRecords, maxBytes) => {
      if (head === queue.length) return undefined;
      const out: InRecord[] = [];
      let size = 0;
      while (head < queue.length) {
        const { batch, visible } = queue[head];
        if (!visible) {
          next();
          continue;
        }
        if (out.length >= maxRecords) break;
        if (records === undefined) {
          const decoded: InRecord[] = [];
          try {
            readRecords(batch, polled, decoded);
          } catch (e) {
            // What was read before is handed out first; the next poll meets the same batch again.
            if (out.length > 0) break;
            throw e;
          }
          records = decoded;
        }
        while (taken < records.length && out.length < maxRecords) {
          const record = records[taken];
          const more = record.size;
          if (out.length > 0 && size + more > maxBytes) break;
          size += more;
          out.push(record);
          taken++;
        }
        if (taken < records.length) {
          if (out.length > 0) polled = out[out.length - 1].offset + 1;
          break;
        }
        next();
      }
      return { records: out, nextOffset: BigInt(polled) };
    },
  };
};
