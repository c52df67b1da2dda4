import type { OutRecord } from '@verdikt/core/record/record.ts';
import { putInt64, type ByteWriter } from './byte-writer.ts';
import { crc32c } from './crc32c.ts';
import { putVarint, putVarlong, sizeOfVarint } from './varint.ts';

/** Bytes of a batch before its first record. The broker's max.message.bytes counts them too. */
export const BATCH_HEADER = 61;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const TRANSACTIONAL = 0x10;
/** Up to here strings and buffers are copied in a loop: a call into native code costs more. */
const SHORT = 12;
/** Header names are few and come in the same order on every record, so their bytes are kept by place. */
const names: string[] = [];
const nameBytes: Buffer[] = [];
const MAX_NAMES = 16;

export interface BatchMeta {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Sequence of the first record; -1 together with producer id -1n for a producer without idempotence. */
  readonly baseSequence: number;
  readonly transactional: boolean;
}

/**
 * Appends one batch (magic 2, uncompressed) with the records from `from` on, as many as keep it within `maxBytes`.
 * Returns how many; 0, having written nothing, when not even the first one fits. `now` is the time of records without one.
 */
export const writeBatch = (
  w: ByteWriter,
  records: readonly OutRecord[],
  from: number,
  to: number,
  meta: BatchMeta,
  now: number,
  maxBytes = Number.MAX_SAFE_INTEGER,
): number => {
  const start = w.position;
  w.reserve(BATCH_HEADER);
  w.position += BATCH_HEADER;
  let count = 0;
  const base = from < to ? (records[from].timestamp ?? now) : now;
  let newest = base;
  let prefix = 1;
  for (let i = from; i < to; i++) {
    const record = records[i];
    const time = record.timestamp ?? now;
    const before = w.position;
    prefix = writeRecord(w, record, count, time - base, prefix);
    if (w.position - start > maxBytes) {
      w.position = before;
      break;
    }
    if (time > newest) newest = time;
    count++;
  }
  if (count === 0) {
    w.position = start;
    return 0;
  }
  const b = w.buffer;
  putInt64(b, start, 0);
  b.writeInt32BE(w.position - start - 12, start + 8);
  b.writeInt32BE(-1, start + 12);
  b[start + 16] = 2;
  b.writeInt16BE(meta.transactional ? TRANSACTIONAL : 0, start + ATTRIBUTES_AT);
  b.writeInt32BE(count - 1, start + 23);
  putInt64(b, start + 27, base);
  putInt64(b, start + 35, newest);
  b.writeBigInt64BE(meta.producerId, start + 43);
  b.writeInt16BE(meta.producerEpoch, start + 51);
  b.writeInt32BE(meta.baseSequence, start + 53);
  b.writeInt32BE(count, start + 57);
  b.writeUInt32BE(crc32c(b, start + ATTRIBUTES_AT, w.position), start + CRC_AT);
  return count;
};

/** Most bytes that a string or buffer can take, with its length. */
const bound = (v: Buffer | string | null): number =>
  v === null ? 1 : typeof v === 'string' ? v.length * 3 + 5 : v.length + 5;

/**
 * Writes one record in one pass. Its length stands before it and is not known yet: `prefix` bytes are kept free for it,
 * the size that the previous record needed, and the record is shifted in the rare case that this was wrong.
 * Returns the size of the prefix.
 */
const writeRecord = (
  w: ByteWriter,
  record: OutRecord,
  offsetDelta: number,
  timestampDelta: number,
  prefix: number,
): number => {
  const headers = record.headers;
  let most = 32 + bound(record.key) + bound(record.value);
  for (let i = 0; i < headers.length; i++) most += headers[i][0].length * 3 + 5 + bound(headers[i][1]);
  w.reserve(most);
  const b = w.buffer;
  const start = w.position;
  const body = start + prefix;
  let p = body;
  b[p++] = 0;
  p = putVarlong(b, p, timestampDelta);
  p = putVarint(b, p, offsetDelta);
  p = putBytes(b, p, record.key);
  p = typeof record.value === 'string' ? putString(b, p, record.value) : putBytes(b, p, record.value);
  p = putVarint(b, p, headers.length);
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i];
    p = names[i] === header[0] ? putShort(b, p, nameBytes[i]) : putName(b, p, header[0], i);
    const value = header[1];
    p = typeof value === 'string' ? putString(b, p, value) : putBytes(b, p, value);
  }
  const length = p - body;
  const size = sizeOfVarint(length);
  if (size !== prefix) b.copyWithin(start + size, body, p);
  putVarint(b, start, length);
  w.position = start + size + length;
  return size;
};

const putBytes = (b: Buffer, p: number, bytes: Buffer | null): number => {
  if (bytes === null) {
    b[p] = 1;
    return p + 1;
  }
  const n = bytes.length;
  p = putVarint(b, p, n);
  if (n <= SHORT) return putShort(b, p, bytes);
  b.set(bytes, p);
  return p + n;
};

const putName = (b: Buffer, p: number, name: string, place: number): number => {
  const end = putString(b, p, name);
  if (place < MAX_NAMES && place <= names.length && end - p <= 64) {
    names[place] = name;
    nameBytes[place] = Buffer.from(b.subarray(p, end));
  }
  return end;
};

const putShort = (b: Buffer, p: number, bytes: Buffer): number => {
  const n = bytes.length;
  for (let i = 0; i < n; i++) b[p + i] = bytes[i];
  return p + n;
};

/** UTF-8 with its length before it. Written as if it were ASCII, where length and bytes agree; else moved into place. */
const putString = (b: Buffer, p: number, text: string): number => {
  const n = text.length;
  const at = putVarint(b, p, n);
  if (n <= SHORT) {
    let i = 0;
    for (; i < n; i++) {
      const c = text.charCodeAt(i);
      if (c > 0x7f) break;
      b[at + i] = c;
    }
    if (i === n) return at + n;
  }
  const bytes = b.write(text, at, 'utf8');
  if (bytes === n) return at + n;
  const size = sizeOfVarint(bytes);
  if (p + size !== at) b.copyWithin(p + size, at, at + bytes);
  putVarint(b, p, bytes);
  return p + size + bytes;
};
