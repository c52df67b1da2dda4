import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { kafkajsDecode } from '@verdikt/test/support/kafka/kafkajs-codec.ts';
import { out } from '@verdikt/test/support/kafka/batches.ts';
import { readRecordSet } from './batch-reader.ts';
import { writeBatch, type BatchMeta } from './batch-writer.ts';
import { ByteWriter } from './byte-writer.ts';

const META = { producerId: 7n, producerEpoch: 1, baseSequence: 5, transactional: false };
const ATTRIBUTES_AT = 21;

const written = (records: readonly OutRecord[], meta: Partial<BatchMeta>, maxBytes = 1e6) => {
  const w = new ByteWriter(16);
  const count = writeBatch(w, records, 0, records.length, { ...META, ...meta }, 1_000, maxBytes);
  return { count, bytes: Buffer.from(w.written()) };
};

test.each([
  ['gzip', 1],
  ['zstd', 4],
] as const)('what is compressed by %s is read back, and smaller', async (compression, codec) => {
  const records = Array.from({ length: 100 }, (_, i) =>
    out(`a verdict that is one of many, for the ${i % 7}th time`, { timestamp: i }),
  );
  const plain = written(records, {}).bytes;
  const { bytes, count } = written(records, { compression, transactional: true });
  expect([count, bytes.length < plain.length / 3]).toEqual([100, true]);
  // Beside the codec it says that it is of a transaction.
  expect(bytes.readInt16BE(ATTRIBUTES_AT)).toBe(0x10 | codec);
  const read = readRecordSet(bytes, 0).records;
  expect(read.map((r) => [r.offset, r.timestamp, String(r.value)])).toEqual(
    records.map((r, i) => [i, i, String(r.value)]),
  );
  if (compression === 'gzip') expect(await kafkajsDecode(bytes)).toHaveLength(100);
  // The limit is that of the records before.
  expect(written(records, { compression }, plain.length - 1).count).toBeLessThan(100);
});

test('what is small, or would grow, is not compressed', () => {
  for (const record of [out('x'.repeat(3_900)), out(randomBytes(5_000))])
    expect(written([record], { compression: 'zstd' }).bytes).toEqual(written([record], {}).bytes);
});
