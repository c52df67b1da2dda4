import type { OutRecord, OutRecords } from '@verdikt/core/record/record.ts';
import { putVarint } from '@verdikt/core/record/varint.ts';
import { writeBatch } from '../../../kafka/wire/batch-writer.ts';
import { ByteWriter } from '../../../kafka/wire/byte-writer.ts';
import { crc32c } from '../../../kafka/wire/crc32c.ts';

interface TestBatch {
  readonly baseOffset?: number;
  readonly records?: OutRecords;
  readonly producerId?: number | bigint;
  readonly producerEpoch?: number;
  readonly transactional?: boolean;
  /** Replaces the records by a control record. */
  readonly marker?: 'commit' | 'abort';
  /** Default: that of the records given. */
  readonly lastOffsetDelta?: number;
}

export const out = (value: string | Buffer | null, more: Partial<OutRecord> = {}): OutRecord => ({
  key: null,
  value,
  headers: [],
  timestamp: 1_000,
  ...more,
});

/** Computes the checksum of the batch at `at` again, after a test has changed bytes in it. */
export const reseal = (bytes: Buffer, at = 0): Buffer => {
  const end = at + 12 + bytes.readInt32BE(at + 8);
  bytes.writeUInt32BE(crc32c(bytes, at + 21, end), at + 17);
  return bytes;
};

/** A producer id: any 64 bits. */
export const putProducerId = (w: ByteWriter, id: number | bigint): void => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(id));
  w.raw(bytes);
};

/** One record batch as a broker stores it. */
export const batchBytes = (batch: TestBatch): Buffer => {
  const marker =
    batch.marker === undefined ? undefined : Buffer.from([0, 0, 0, batch.marker === 'abort' ? 0 : 1]);
  const records = marker === undefined ? (batch.records ?? []) : [out(Buffer.alloc(6), { key: marker })];
  const w = new ByteWriter();
  const producerId = BigInt(batch.producerId ?? -1);
  const transactional = batch.transactional ?? marker !== undefined;
  // A batch that compaction has emptied keeps its header: written with one record, then cut.
  const written = records.length === 0 ? [out(null)] : records;
  writeBatch(
    w,
    written,
    0,
    written.length,
    { producerId, producerEpoch: batch.producerEpoch ?? 0, baseSequence: 0, transactional },
    1_000,
  );
  let bytes: Buffer = Buffer.from(w.written());
  if (records.length === 0) {
    bytes = bytes.subarray(0, 61);
    bytes.writeInt32BE(49, 8);
    bytes.writeInt32BE(0, 57);
  }
  bytes.writeBigInt64BE(BigInt(batch.baseOffset ?? 0), 0);
  if (marker !== undefined) bytes.writeInt16BE(bytes.readInt16BE(21) | 0x20, 21);
  if (batch.lastOffsetDelta !== undefined) bytes.writeInt32BE(batch.lastOffsetDelta, 23);
  return reseal(bytes);
};

/** The encoding of one record in a batch: a null key, no headers. */
export const recordBytes = (delta: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(24);
  let p = putVarint(head, 10, 0) + 1;
  p = putVarint(head, p, delta);
  p = putVarint(head, p, -1);
  p = putVarint(head, p, value.length);
  const lengthEnd = putVarint(head, 0, p - 10 + value.length + 1);
  return Buffer.concat([head.subarray(0, lengthEnd), head.subarray(10, p), value, Buffer.alloc(1)]);
};

/** A batch of `count` records whose encoding, compressed with `codec`, is `packed`. */
export const packedBatch = (count: number, codec: number, packed: Buffer, baseOffset = 0): Buffer => {
  const header = batchBytes({ baseOffset, records: [out('')], lastOffsetDelta: count - 1 }).subarray(0, 61);
  const bytes = Buffer.concat([header, packed]);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt16BE(codec, 21);
  bytes.writeInt32BE(count, 57);
  return reseal(bytes);
};
