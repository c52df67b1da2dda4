import type { InRecord } from '@verdikt/core/record/record.ts';
import { committedBatches, type AbortedTransaction } from './aborted.ts';
import { corrupt, scanBatches, type Batch, type ScanOptions } from './batch.ts';
import { inflate, inflatePieces, WHOLE_BYTES } from './inflate.ts';
import { RecordCursor } from './record-cursor.ts';

export interface RecordSet {
  /** In order of offset. */
  readonly records: InRecord[];
  /** After the last complete batch, control and aborted ones included; the fetch offset where there was none. */
  readonly nextOffset: number;
  readonly batches: readonly Batch[];
}

/**
 * Decodes a whole record set from `fetchOffset` on. With `aborted` (the broker's list, in any order) it is read at
 * read_committed, without it everything but control records is handed out. Throws LOG_CORRUPT.
 */
export const readRecordSet = (
  buffer: Buffer,
  fetchOffset: number,
  aborted?: readonly AbortedTransaction[],
  options?: ScanOptions,
): RecordSet => {
  const batches = scanBatches(buffer, options);
  const visible =
    aborted === undefined
      ? batches.filter((b) => b.marker === undefined)
      : committedBatches(batches, aborted);
  const records: InRecord[] = [];
  for (const batch of visible) readRecords(batch, fetchOffset, records);
  return { records, nextOffset: nextOffset(batches, fetchOffset), batches };
};

/** Where to fetch on. Throws LOG_CORRUPT when the batches lie wholly before `fetchOffset`: it would be asked forever. */
export const nextOffset = (batches: readonly Batch[], fetchOffset: number): number => {
  if (batches.length === 0) return fetchOffset;
  const last = batches[batches.length - 1];
  if (last.lastOffset < fetchOffset) throw corrupt('it lies before the offset asked for', last.baseOffset);
  return last.lastOffset + 1;
};

/** Appends the records of a batch with an offset of at least `from` to `out`. Throws LOG_CORRUPT, also for one that only fits in pieces. */
export const readRecords = (batch: Batch, from: number, out: InRecord[]): void => {
  const haul = { records: out, bytes: 0, maxRecords: NO_LIMIT, maxBytes: NO_LIMIT };
  if (openBatch(batch, from).take(haul) === 'wait')
    throw corrupt(`it takes more than ${WHOLE_BYTES} bytes`, batch.baseOffset);
};

const NO_LIMIT = 0x3fffffff;

export interface OpenOptions {
  /** A batch that inflates beyond this comes in pieces. Default WHOLE_BYTES. */
  readonly wholeBytes?: number;
  /** Default RECORD_BYTES. */
  readonly recordBytes?: number;
}

/** A cursor at the first record with an offset of at least `from`. Throws LOG_CORRUPT. */
export const openBatch = (batch: Batch, from: number, options: OpenOptions = {}): RecordCursor => {
  const { buffer, start, end, compression, baseOffset } = batch;
  if (compression === 0)
    return new RecordCursor(batch, from, buffer, start, end, undefined, options.recordBytes);
  const packed = buffer.subarray(start, end);
  const whole = inflate(compression, packed, baseOffset, options.wholeBytes);
  return whole !== undefined
    ? new RecordCursor(batch, from, whole, 0, whole.length, undefined, options.recordBytes)
    : new RecordCursor(
        batch,
        from,
        Buffer.alloc(0),
        0,
        0,
        inflatePieces(compression, packed, baseOffset),
        options.recordBytes,
      );
};

const VISITED_RECORDS = 500;
const VISITED_BYTES = 1024 * 1024;

/** Calls `visit` with the records of a batch from `from` on, however large it is. Rejects with LOG_CORRUPT, or with what `visit` throws. */
export const eachRecord = async (
  batch: Batch,
  from: number,
  visit: (record: InRecord) => void,
): Promise<void> => {
  const cursor = openBatch(batch, from);
  try {
    for (let stop = ''; stop !== 'done';) {
      if (stop === 'wait') await cursor.feed();
      const records: InRecord[] = [];
      stop = cursor.take({ records, bytes: 0, maxRecords: VISITED_RECORDS, maxBytes: VISITED_BYTES });
      for (const record of records) visit(record);
    }
  } finally {
    cursor.close();
  }
};
