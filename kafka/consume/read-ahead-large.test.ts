import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { createReadAhead, type ReadAhead } from './read-ahead.ts';
import { batchBytes, out, packedBatch, recordBytes } from '@verdikt/test/support/kafka/batches.ts';
import type { OpenOptions } from '../wire/batch-reader.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const MIB = 1024 * 1024;

/** Polls all that the set holds in slices of 500, and lets go of each once it was visited. */
const readAll = async (
  set: Buffer,
  visit: (record: InRecord) => void,
  options?: OpenOptions,
  maxBytes = MIB,
): Promise<void> => {
  let wake = (): void => undefined;
  const ahead: ReadAhead = createReadAhead(0, () => wake(), options);
  ahead.add(set, []);
  while (ahead.bytes() > 0) {
    const slice = ahead.poll(500, maxBytes);
    for (const record of slice?.records ?? []) visit(record);
    if (slice === undefined && ahead.bytes() > 0) await new Promise<void>((resolve) => (wake = resolve));
  }
  expect(ahead.polled()).toBe(ahead.position());
};

/** Gzip whose members are records: made without ever holding all of them. */
const gzipOf = (count: number, value: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => gzipSync(recordBytes(i, value(i)), { level: 1 })));

/** On its own, so that nothing of the making is left on the stack. */
const million = (count: number): Buffer => {
  const bytes = Buffer.alloc(count * 12);
  let end = 0;
  for (let i = 0; i < count; i++) end += recordBytes(i, Buffer.from([i & 255])).copy(bytes, end);
  return packedBatch(count, 4, zstdCompressSync(bytes.subarray(0, end)));
};

test('a million records in a batch become objects only as they are polled', async () => {
  const count = 1_000_000;
  const set = million(count);
  expect(set.length).toBeLessThan(5 * MIB);
  collect();
  const before = process.memoryUsage().heapUsed;
  let seen = 0;
  let wrong = 0;
  let most = 0;
  await readAll(set, (record) => {
    if (record.offset !== seen || record.value?.[0] !== (seen & 255)) wrong++;
    if (seen++ % 200_000 !== 700) return;
    collect();
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  });
  expect([seen, wrong]).toEqual([count, 0]);
  expect(most).toBeLessThan(4 * MIB);
});

/** Bytes outside of the heap that are still referred to, which is where records lie. */
const held = (): number => {
  // What the first one finds is freed in the background; the second one waits for that.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
};

test('a batch of 300 MiB is read in bounded memory', async () => {
  const value = Buffer.alloc(100 * 1024, 'x');
  const count = 3_072;
  const set = packedBatch(
    count,
    1,
    gzipOf(count, () => value),
  );
  const before = held();
  let seen = 0;
  let bytes = 0;
  let most = 0;
  await readAll(set, (record) => {
    if (record.offset !== seen++) throw new Error(`offset ${record.offset}`);
    bytes += record.value?.length ?? 0;
    if (seen % 300 === 0) most = Math.max(most, held() - before);
  });
  expect([seen, bytes]).toEqual([count, 300 * MIB]);
  expect(most).toBeLessThan(16 * MIB);
});

test('a record of 100 MiB comes truncated, its neighbors whole', async () => {
  const size = 100 * MIB;
  const packed = gzipOf(3, (i) => (i === 1 ? Buffer.alloc(size) : Buffer.from(`v${i}`)));
  const seen: unknown[] = [];
  const before = held();
  let most = 0;
  await readAll(packedBatch(3, 1, packed), (r) => {
    most = Math.max(most, held() - before);
    seen.push([r.offset, r.value?.toString() ?? null, r.truncated]);
  });
  expect(seen).toEqual([
    [0, 'v0', 0],
    [1, null, expect.any(Number)],
    [2, 'v2', 0],
  ]);
  expect((seen[1] as number[])[2]).toBeGreaterThan(size);
  expect((seen[1] as number[])[2]).toBeLessThan(size + 30);
  expect(most).toBeLessThan(16 * MIB);
});

/** Literals alone. */
const snappy = (b: Buffer): Buffer<ArrayBuffer> => {
  const head = Buffer.from([
    (b.length & 127) | 128,
    ((b.length >> 7) & 127) | 128,
    b.length >> 14,
    61 << 2,
    0,
    0,
  ]);
  head.writeUInt16LE(b.length - 1, 4);
  return Buffer.concat([head, b]);
};
const xerial = (b: Buffer): Buffer<ArrayBuffer> => {
  const parts = [Buffer.from('82534e41505059000000000100000001', 'hex')];
  for (let p = 0; p < b.length; p += 1_000) {
    const block = snappy(b.subarray(p, p + 1_000));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
};
const lz4 = (b: Buffer): Buffer<ArrayBuffer> => {
  const parts = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])];
  for (let p = 0; p < b.length; p += 1_000) {
    const raw = Buffer.from(b.subarray(p, p + 1_000));
    const length = Buffer.alloc(4);
    length.writeUInt32LE((raw.length | 0x80000000) >>> 0);
    parts.push(length, raw);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
};

test.each([
  ['gzip', 1, (b: Buffer) => gzipSync(b)],
  ['snappy, raw', 2, snappy],
  ['snappy, framed', 2, xerial],
  ['lz4', 3, lz4],
  ['zstd', 4, (b: Buffer) => zstdCompressSync(b)],
] as const)(
  '%s is read in pieces; broken data in the middle is LOG_CORRUPT',
  async (_name, codec, squeeze) => {
    const count = 2_000;
    const records = Array.from({ length: count }, (_, i) => recordBytes(i, Buffer.from(`value ${i}`)));
    const options = { wholeBytes: 1_000 };
    const seen: string[] = [];
    const visit = (r: InRecord): void => void seen.push(String(r.value));
    await readAll(packedBatch(count, codec, squeeze(Buffer.concat(records))), visit, options, 2_000);
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => `value ${i}`));

    seen.length = 0;
    records[1_500][1] = 0xff;
    records[1_500][2] = 0xff;
    records[1_500][3] = 0xff;
    const broken = packedBatch(count, codec, squeeze(Buffer.concat(records)));
    await expect(readAll(broken, visit, options)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
    expect(seen).toHaveLength(1_500);

    const cut = packedBatch(count, codec, squeeze(Buffer.concat(records.slice(0, 1_000))).subarray(0, -1));
    await expect(readAll(cut, visit, options)).rejects.toMatchObject({ code: 'LOG_CORRUPT' });
  },
);

test('nothing is told after it was closed', async () => {
  let told = 0;
  const ahead = createReadAhead(0, () => told++, { wholeBytes: 10 });
  ahead.add(packedBatch(1, 4, zstdCompressSync(recordBytes(0, Buffer.alloc(100)))), []);
  expect(ahead.poll(1, 1)).toBeUndefined();
  ahead.close();
  await pause(50);
  expect(told).toBe(0);
});

test('what was polled is let go of although there is always more', () => {
  const ahead = createReadAhead(0, () => undefined);
  const held: WeakRef<Buffer>[] = [];
  const batches = 40;
  for (let i = 0; i < batches; i++) {
    const set = batchBytes({ baseOffset: i * 2, records: [out('a'), out('b')] });
    held.push(new WeakRef(set));
    ahead.add(set, []);
    // The newest batch is left: the queue is never empty.
    if (i > 0) expect(ahead.poll(2, MIB)?.nextOffset).toBe(BigInt(i * 2));
  }
  return pause(0).then(() => {
    collect();
    expect(held.filter((set) => set.deref() !== undefined).length).toBeLessThan(batches / 2);
    expect(ahead.bytes()).toBeGreaterThan(0);
  });
});
