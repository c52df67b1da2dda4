import { ServiceError } from '@verdikt/core/errors.ts';
import { BATCH_HEADER } from './batch-writer.ts';
import { crc32c } from './crc32c.ts';

/** What a control batch says about the transaction of its producer; 'other' is a kind that we do not know. */
type Marker = 'commit' | 'abort' | 'other';

/** One record batch of a fetch response; its records are not decoded yet. */
export interface Batch {
  readonly buffer: Buffer;
  /** Range of its records in `buffer`, still compressed. */
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  /** Offset of its last record as it was written; compaction may have removed that record. */
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  /** Time of all its records where the broker sets it (LogAppendTime), else -1. */
  readonly appendTimestamp: number;
  readonly count: number;
  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly compression: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly transactional: boolean;
  /** Set on control batches alone. */
  readonly marker: Marker | undefined;
}

export interface ScanOptions {
  /** Default true. */
  readonly checkCrc?: boolean;
}

const OVERHEAD = 12;
const COMPRESSION = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * The complete batches of a record set, in order; a partial one at its end is left out. Every length is checked, and
 * offsets must rise, so a caller that goes on after the last batch always makes progress. A batch that cannot be read ends
 * the list; throws LOG_CORRUPT when it is the first: what lies before it is never held back.
 */
export const scanBatches = (buffer: Buffer, options: ScanOptions = {}): Batch[] => {
  const batches: Batch[] = [];
  const check = options.checkCrc !== false;
  let floor = 0;
  for (let p = 0; p + BATCH_HEADER <= buffer.length;) {
    const end = p + OVERHEAD + buffer.readInt32BE(p + 8);
    const why = end > buffer.length ? undefined : flaw(buffer, p, end, floor, check);
    if (why !== undefined && batches.length === 0) throw corrupt(why, int64(buffer, p));
    if (why !== undefined || end > buffer.length) break;
    const batch = readHeader(buffer, p, end);
    floor = batch.lastOffset + 1;
    batches.push(batch);
    p = end;
  }
  return batches;
};

/** What is wrong with the batch in [p, end), or undefined. */
const flaw = (buffer: Buffer, p: number, end: number, floor: number, check: boolean): string | undefined => {
  const magic = buffer[p + 16];
  const baseOffset = int64(buffer, p);
  const lastDelta = buffer.readInt32BE(p + 23);
  const count = buffer.readInt32BE(p + 57);
  if (magic !== 2) return `it has the format version ${magic}, only 2 is supported`;
  if (end - p < BATCH_HEADER) return 'it is shorter than its header';
  if (check && buffer.readUInt32BE(p + 17) !== crc32c(buffer, p + 21, end)) return 'its checksum is wrong';
  if (baseOffset < floor) return 'it goes back in the log';
  if (lastDelta < 0 || count < 0) return `it claims ${count} records`;
  if (!Number.isSafeInteger(baseOffset + lastDelta)) return 'it has an offset beyond 2^53';
  return undefined;
};

const readHeader = (buffer: Buffer, p: number, end: number): Batch => {
  const attributes = buffer[p + 22];
  const baseOffset = int64(buffer, p);
  const start = p + BATCH_HEADER;
  return {
    buffer,
    start,
    end,
    baseOffset,
    lastOffset: baseOffset + buffer.readInt32BE(p + 23),
    baseTimestamp: int64(buffer, p + 27),
    appendTimestamp: (attributes & LOG_APPEND_TIME) === 0 ? -1 : int64(buffer, p + 35),
    count: buffer.readInt32BE(p + 57),
    compression: attributes & COMPRESSION,
    producerId: buffer.readBigInt64BE(p + 43),
    producerEpoch: buffer.readInt16BE(p + 51),
    transactional: (attributes & TRANSACTIONAL) !== 0,
    marker: (attributes & CONTROL) === 0 ? undefined : readMarker(buffer, start, end),
  };
};

/** Control records are tiny and never compressed: length, attributes, two deltas, key length, then version and type. */
const readMarker = (buffer: Buffer, start: number, end: number): Marker => {
  let p = start;
  for (let field = 0; field < 5; field++) {
    // The attributes are one plain byte, the other four fields are varints.
    while (field !== 1 && p < end && buffer[p] >= 0x80) p++;
    p++;
  }
  if (p + 4 > end) return 'other';
  const type = buffer.readInt16BE(p + 2);
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other';
};

const int64 = (buffer: Buffer, p: number): number =>
  buffer.readInt32BE(p) * 4294967296 + buffer.readUInt32BE(p + 4);

export const corrupt = (why: string, baseOffset: number, cause?: unknown): ServiceError =>
  new ServiceError('LOG_CORRUPT', `A record batch cannot be read: ${why}.`, { baseOffset }, cause);
