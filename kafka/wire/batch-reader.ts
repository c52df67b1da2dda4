import { InRecord } from '@verdikt/core/record.ts';
import { committedBatches, type AbortedTransaction } from './aborted.ts';
import { corrupt, scanBatches, type Batch, type ScanOptions } from './batch.ts';
import { inflate } from './inflate.ts';

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

/** Where to fetch on. Throws LOG_CORRUPT when the batches lie wholly before `fetchOffset`: it would be asked for ever. */
export const nextOffset = (batches: readonly Batch[], fetchOffset: number): number => {
  if (batches.length === 0) return fetchOffset;
  const last = batches[batches.length - 1];
  if (last.lastOffset < fetchOffset) throw corrupt('it lies before the offset asked for', last.baseOffset);
  return last.lastOffset + 1;
};

/** Position after the last variable-length number read by `rest` or `restLong`: the second result of both. */
let at = 0;

/**
 * Appends the records of a batch with an offset of at least `from` to `out`: views, not copies. Every field is checked
 * against the end of its record, so that the views can be trusted. Throws LOG_CORRUPT.
 */
export const readRecords = (batch: Batch, from: number, out: InRecord[]): void => {
  const plain = batch.compression === 0;
  const b = plain
    ? batch.buffer
    : inflate(batch.compression, batch.buffer.subarray(batch.start, batch.end), batch.baseOffset);
  const end = plain ? batch.end : b.length;
  const { baseOffset, baseTimestamp, appendTimestamp, count } = batch;
  const maxDelta = batch.lastOffset - baseOffset;
  let p = plain ? batch.start : 0;
  let lastDelta = -1;
  for (let i = 0; i < count; i++) {
    let x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    const length = (x >>> 1) ^ -(x & 1);
    const recordEnd = p + length;
    if (length < 6 || recordEnd > end) throw broken(batch, i);
    p++;
    x = b[p++];
    let timeDelta: number;
    if (x < 0x80) timeDelta = (x >>> 1) ^ -(x & 1);
    else {
      timeDelta = restLong(b, p, x);
      p = at;
    }
    x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    const delta = (x >>> 1) ^ -(x & 1);
    if (delta <= lastDelta || delta > maxDelta) throw broken(batch, i);
    lastDelta = delta;
    if (baseOffset + delta < from) {
      p = recordEnd;
      continue;
    }
    x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    const keyLength = (x >>> 1) ^ -(x & 1);
    const keyStart = keyLength < 0 ? -1 : p;
    if (keyLength > 0) p += keyLength;
    const keyEnd = p;
    if (p >= recordEnd) throw broken(batch, i);
    x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    const valueLength = (x >>> 1) ^ -(x & 1);
    const valueStart = valueLength < 0 ? -1 : p;
    if (valueLength > 0) p += valueLength;
    const valueEnd = p;
    if (p >= recordEnd) throw broken(batch, i);
    x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    const headerCount = (x >>> 1) ^ -(x & 1);
    const headersStart = p;
    for (let h = 0; h < headerCount; h++) {
      x = b[p++];
      if (x >= 0x80) {
        x = rest(b, p, x);
        p = at;
      }
      if ((x & 1) !== 0) throw broken(batch, i);
      p += x >>> 1;
      if (p >= recordEnd) throw broken(batch, i);
      x = b[p++];
      if (x >= 0x80) {
        x = rest(b, p, x);
        p = at;
      }
      if ((x & 1) === 0) p += x >>> 1;
      if (p > recordEnd) throw broken(batch, i);
    }
    if (p !== recordEnd || headerCount < 0) throw broken(batch, i);
    out.push(
      new InRecord(
        b,
        baseOffset + delta,
        appendTimestamp >= 0 ? appendTimestamp : baseTimestamp + timeDelta,
        keyStart,
        keyEnd,
        valueStart,
        valueEnd,
        headersStart,
        recordEnd,
        headerCount,
      ),
    );
  }
  if (p !== end) throw corrupt('bytes are left after its last record', baseOffset);
};

const broken = (batch: Batch, index: number): Error =>
  corrupt(`record ${index} does not fit`, batch.baseOffset);

/** Where a number ends that does not: beyond every record, so that the bounds of the caller refuse it. */
const NOWHERE = 0x7fffffff;

/** The rest of a variable-length int32 whose first byte `x` has its continuation bit set; still zigzag. Sets `at`. */
const rest = (b: Buffer, p: number, x: number): number => {
  let value = x & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    const byte = b[p++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      return value;
    }
  }
  at = NOWHERE;
  return value;
};

/** The same for an int64, zigzag undone. */
const restLong = (b: Buffer, p: number, x: number): number => {
  let value = x & 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    const byte = b[p++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      return (value >>> 1) ^ -(value & 1);
    }
  }
  at = NOWHERE;
  let long = BigInt(value);
  for (let shift = 28n; shift < 70n && p < b.length; shift += 7n) {
    const byte = b[p++];
    long |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      break;
    }
  }
  return Number(BigInt.asIntN(64, (long >> 1n) ^ -(long & 1n)));
};
