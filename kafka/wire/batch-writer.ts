import { EncodedRecords } from '@verdikt/core/record/encoded-records.ts';
import type { Compression } from '@verdikt/core/record/compression.ts';
import type { OutRecord, OutRecords } from '@verdikt/core/record/record.ts';
import { bodyBound, bodyOf, putBody, type Body } from '@verdikt/core/record/record-body.ts';
import { putVarint, putVarlong, sizeOfVarint } from '@verdikt/core/record/varint.ts';
import { putInt64, type ByteWriter } from './byte-writer.ts';
import { crc32c } from './crc32c.ts';
import { deflate } from './deflate.ts';

/** Bytes of a batch before its first record. The broker's max.message.bytes counts them too. */
export const BATCH_HEADER = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 0x10;
/** Most bytes of a record before its key: its length, attributes, time and place. */
const BEFORE_BODY = 32;
/** Of a record that is bytes already. */
const NOTHING: Body = { key: null, value: null, headers: [] };

export interface BatchMeta {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Sequence of the first record; -1 together with producer id -1n for a producer without idempotence. */
  readonly baseSequence: number;
  readonly transactional: boolean;
  /** Default none. */
  readonly compression?: Compression | undefined;
}

/**
 * Appends one batch (magic 2) with the records from `from` on, as many as keep it within `maxBytes` before they are compressed: so it
 * is no larger than that for readers either. Returns how many; 0, having written nothing, when not even the first one fits. `now` is
 * the time of records without one. All of an EncodedRecords are borrowed by the writer where they fit.
 */
export const writeBatch = (
  w: ByteWriter,
  records: OutRecords,
  from: number,
  to: number,
  meta: BatchMeta,
  now: number,
  maxBytes = Number.MAX_SAFE_INTEGER,
): number => {
  const start = w.position;
  w.reserve(BATCH_HEADER);
  w.position += BATCH_HEADER;
  const base = from < to ? (timeOf(records, from) ?? now) : now;
  const most = maxBytes - BATCH_HEADER;
  const compressed = (meta.compression ?? 'none') !== 'none';
  const written = isWhole(records, from, to, most)
    ? lendRecords(w, records, base, compressed)
    : writeRecords(w, records, from, to, base, now, most);
  const { count, borrowed } = written;
  if (count === 0) {
    w.position = start;
    return 0;
  }
  const codec = compress(w, start + BATCH_HEADER, meta.compression);
  putHeader(w, start, meta, { ...written, base, codec });
  if (borrowed.length > 0) w.borrow(borrowed);
  return count;
};

interface Contents extends WrittenRecords {
  /** Time of the first. */
  readonly base: number;
  readonly codec: number;
}

/** What stands before the records of the batch that begins at `start`, and whose other bytes are all there. */
const putHeader = (w: ByteWriter, start: number, meta: BatchMeta, contents: Contents): void => {
  const { count, base, newest, codec, borrowed } = contents;
  const b = w.buffer;
  const bytes = borrowed.reduce((n, part) => n + part.length, w.position - start);
  putInt64(b, start, 0);
  b.writeInt32BE(bytes - 12, start + 8);
  b.writeInt32BE(-1, start + 12);
  b[start + 16] = 2;
  b.writeInt16BE((meta.transactional ? TRANSACTIONAL : 0) | codec, start + ATTRIBUTES_AT);
  b.writeInt32BE(count - 1, start + 23);
  putInt64(b, start + 27, base);
  putInt64(b, start + 35, newest);
  b.writeBigInt64BE(meta.producerId, start + 43);
  b.writeInt16BE(meta.producerEpoch, start + 51);
  b.writeInt32BE(meta.baseSequence, start + 53);
  b.writeInt32BE(count, start + 57);
  const own = crc32c(b, start + ATTRIBUTES_AT, w.position);
  const crc = borrowed.reduce((before, part) => crc32c(part, 0, part.length, before), own);
  b.writeUInt32BE(crc, start + CRC_AT);
};

/** Compresses what was written from `from` on, where that makes it smaller; the number of the codec, 0 when it is as it was. */
const compress = (w: ByteWriter, from: number, compression: Compression = 'none'): number => {
  const deflated = deflate(compression, w.buffer.subarray(from, w.position));
  if (deflated === undefined) return 0;
  w.position = from + deflated.bytes.copy(w.buffer, from);
  return deflated.codec;
};

interface WrittenRecords {
  readonly count: number;
  /** Highest time. */
  readonly newest: number;
  /** They come behind what the writer holds. */
  readonly borrowed: readonly Buffer[];
}

/** Do they lie there as the batch holds them? */
const isWhole = (
  records: OutRecords,
  from: number,
  to: number,
  maxBytes: number,
): records is EncodedRecords =>
  records instanceof EncodedRecords &&
  records.timeless &&
  from === 0 &&
  to === records.length &&
  records.allBytes <= maxBytes;

/** All of `records`: as they lie there, or copied, where they are compressed or have no parts to lend. */
const lendRecords = (
  w: ByteWriter,
  records: EncodedRecords,
  time: number,
  compressed: boolean,
): WrittenRecords => {
  const borrowed = compressed ? [] : records.parts();
  if (borrowed.length === 0) {
    w.reserve(records.allBytes);
    w.position = records.copyAll(w.buffer, w.position);
  }
  return { count: records.length, newest: time, borrowed };
};

const writeRecords = (
  w: ByteWriter,
  records: OutRecords,
  from: number,
  to: number,
  base: number,
  now: number,
  maxBytes: number,
): WrittenRecords => {
  const start = w.position;
  let [count, newest, prefix] = [0, base, 1];
  for (let i = from; i < to; i++) {
    const time = timeOf(records, i) ?? now;
    const before = w.position;
    prefix = writeRecord(w, records, i, count, time - base, prefix);
    if (w.position - start > maxBytes) {
      w.position = before;
      break;
    }
    if (time > newest) newest = time;
    count++;
  }
  return { count, newest, borrowed: [] };
};

const timeOf = (records: OutRecords, index: number): number | undefined =>
  records instanceof EncodedRecords ? records.timestamp(index) : records.at(index)?.timestamp;

/**
 * Writes one record in one pass. Its length stands before it and is not known yet: `prefix` bytes are kept free for it,
 * the size that the previous record needed, and the record is shifted in the rare case that this was wrong.
 * Returns the size of the prefix.
 */
const writeRecord = (
  w: ByteWriter,
  records: OutRecords,
  index: number,
  offsetDelta: number,
  timestampDelta: number,
  prefix: number,
): number => {
  const encoded = records instanceof EncodedRecords ? records : undefined;
  const body = encoded === undefined ? bodyOf(records.at(index) as OutRecord) : NOTHING;
  w.reserve(BEFORE_BODY + (encoded === undefined ? bodyBound(body) : encoded.bytes(index)));
  const b = w.buffer;
  const start = w.position;
  const from = start + prefix;
  let p = from;
  b[p++] = 0;
  p = putVarlong(b, p, timestampDelta);
  p = putVarint(b, p, offsetDelta);
  p = encoded === undefined ? putBody(b, p, body) : encoded.copy(index, b, p);
  const length = p - from;
  const size = sizeOfVarint(length);
  if (size !== prefix) b.copyWithin(start + size, from, p);
  putVarint(b, start, length);
  w.position = start + size + length;
  return size;
};
