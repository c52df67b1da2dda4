import { describe, expect, test } from '@jest/globals';
import type { Compression } from '@verdikt/core/record/compression.ts';
import { EncodedRecords } from '@verdikt/core/record/encoded-records.ts';
import type { OutRecord, OutRecords } from '@verdikt/core/record/record.ts';
import { BATCH_HEADER, writeBatch } from './batch-writer.ts';
import { ByteWriter } from './byte-writer.ts';

const META = { producerId: 7n, producerEpoch: 1, baseSequence: 5, transactional: false };

describe('a batch of encoded records', () => {
  const many = Array.from({ length: 3_000 }, (_, i) => ({
    ...{ key: Buffer.from(`k${i}`), value: 'x'.repeat(i % 300), headers: [['id', `${i}`]] as const },
  }));
  const encodedOf = (records: readonly OutRecord[]): EncodedRecords => {
    const encoded = new EncodedRecords();
    for (const r of records) encoded.add(r);
    return encoded;
  };
  const write = (records: OutRecords, compression: Compression, maxBytes?: number) => {
    const w = new ByteWriter();
    w.raw(Buffer.from('before'));
    const count = writeBatch(w, records, 0, records.length, { ...META, compression }, 1_000, maxBytes);
    return { count, set: w.written().subarray(6), copied: w.position - 6 };
  };

  test.each(['none', 'zstd', 'gzip'] as const)('is the same as one of objects: %s', (compression) => {
    const [ours, theirs] = [write(encodedOf(many), compression), write(many, compression)];
    expect(ours.set.equals(theirs.set)).toBe(true);
    expect(ours.count).toBe(many.length);
  });

  test('has their bytes as they lie, unless they are compressed or are more than one batch takes', () => {
    const { set, copied } = write(encodedOf(many), 'none');
    expect([copied, set.length > 400_000]).toEqual([BATCH_HEADER, true]);
    expect(write(encodedOf(many), 'none', set.length).copied).toBe(BATCH_HEADER);
    const cut = write(encodedOf(many), 'none', set.length - 1);
    expect([cut.count, cut.copied]).toEqual([many.length - 1, cut.set.length]);
    const zipped = write(encodedOf(many), 'zstd');
    expect(zipped.copied).toBe(zipped.set.length);
  });
});
