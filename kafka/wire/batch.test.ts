import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import fc from 'fast-check';
import { outRecordFields } from '@verdikt/test/support/arbitrary-records.ts';
import { kafkajsDecode, kafkajsEncode, kafkajsMessages } from '@verdikt/test/support/kafka/kafkajs-codec.ts';
import { batchBytes, out, reseal } from '@verdikt/test/support/kafka/batches.ts';
import { readRecordSet } from './batch-reader.ts';
import { writeBatch } from './batch-writer.ts';
import { ByteWriter } from './byte-writer.ts';

const META = { producerId: 7n, producerEpoch: 1, baseSequence: 5, transactional: false };

const encode = (records: readonly OutRecord[], size = 16): Buffer => {
  const w = new ByteWriter(size);
  expect(writeBatch(w, records, 0, records.length, META, 1_000)).toBe(records.length);
  return Buffer.from(w.written());
};

const bytesOf = (v: Buffer | string | null): string | null =>
  v === null ? null : Buffer.from(v).toString('hex');
const plainOut = (r: OutRecord): unknown => [
  r.timestamp ?? 1_000,
  bytesOf(r.key),
  bytesOf(r.value),
  r.headers.map(([name, value]) => [Buffer.from(name).toString(), bytesOf(value)]),
];
const plainIn = (r: InRecord): unknown => [
  r.timestamp,
  bytesOf(r.key),
  bytesOf(r.value),
  r.headers().map(([name, value]) => [name, bytesOf(value)]),
];

const record: fc.Arbitrary<OutRecord> = fc.record(outRecordFields);

describe('writeBatch and readRecordSet', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const set = readRecordSet(encode(records), 0);
        expect(set.records.map(plainIn)).toEqual(records.map(plainOut));
        expect(set.records.map((r) => r.offset)).toEqual(records.map((_, i) => i));
        expect(set.nextOffset).toBe(records.length);
      }),
      { numRuns: 500 },
    );
  });

  test('lengths around each size of a varint are written right', () => {
    for (const n of [0, 1, 62, 63, 64, 65, 8_190, 8_191, 8_192, 1_048_575, 1_048_576])
      for (const filler of ['x', 'é', '€']) {
        const records = [out('first'), out(filler.repeat(n)), out('last')];
        expect(readRecordSet(encode(records), 0).records.map(plainIn)).toEqual(records.map(plainOut));
      }
  });

  test('a record without a time gets that of the encoding', () => {
    const { key, value, headers } = out('x');
    expect(readRecordSet(encode([{ key, value, headers }]), 0).records[0].timestamp).toBe(1_000);
  });

  test('kafkajs reads what we write', async () => {
    const records = [
      out('one', {
        key: Buffer.from('k'),
        headers: [
          ['id', 'ünïcode'],
          ['empty', ''],
        ],
      }),
      out(Buffer.from('two'), { timestamp: 500 }),
      out('x'.repeat(1_000), { timestamp: 99_999_999_999 }),
    ];
    const read = await kafkajsDecode(encode(records));
    expect(read.map((r) => [r.offset, r.timestamp, r.value?.toString()])).toEqual([
      ['0', '1000', 'one'],
      ['1', '500', 'two'],
      ['2', '99999999999', 'x'.repeat(1_000)],
    ]);
    expect(read[0].key?.toString()).toBe('k');
    expect(read[0].headers.id.toString()).toBe('ünïcode');
  });

  test('the same batch as kafkajs writes, byte for byte', async () => {
    const records = [
      out('one', { key: Buffer.from('k'), headers: [['id', 'a']] }),
      out('two', { timestamp: 1_001 }),
      out('ü'.repeat(70), { timestamp: 5_000_000_000 }),
      out('three', { timestamp: 2_000 }),
    ];
    const body = await kafkajsEncode('t', kafkajsMessages(records));
    const theirs = body.subarray(body.length - encode(records).length);
    theirs.writeInt32BE(-1, 12); // The leader epoch, which the broker sets: 0 there, -1 here as in Java.
    expect(encode(records).toString('hex')).toBe(theirs.toString('hex'));
  });

  test('stops before maxBytes and takes nothing when the first record is over it', () => {
    const w = new ByteWriter();
    w.raw(Buffer.from('before'));
    const records = Array.from({ length: 10 }, () => out('x'.repeat(100)));
    const one = encode(records.slice(0, 1)).length;
    const three = encode(records.slice(0, 3)).length;
    expect(writeBatch(w, records, 0, 10, META, 0, one - 1)).toBe(0);
    expect(w.position).toBe(6);
    expect(writeBatch(w, records, 0, 10, META, 0, three)).toBe(3);
    expect(w.position - 6).toBe(three);
    expect(readRecordSet(w.written().subarray(6), 0).records).toHaveLength(3);
  });
});

describe('readRecordSet', () => {
  const three = [out('a'), out('b'), out('c')];
  const values = (records: readonly InRecord[]): unknown[] => records.map((r) => `${r.offset}=${r.value}`);

  test('leaves out records below the fetch offset and a partial batch at the end', () => {
    const set = Buffer.concat([
      batchBytes({ baseOffset: 10, records: three }),
      batchBytes({ baseOffset: 20, records: three }),
      batchBytes({ baseOffset: 23, records: three }).subarray(0, 70),
    ]);
    const read = readRecordSet(set, 11);
    expect(values(read.records)).toEqual(['11=b', '12=c', '20=a', '21=b', '22=c']);
    expect(read.nextOffset).toBe(23);
    for (let cut = 0; cut < 61; cut++)
      expect(
        readRecordSet(Buffer.concat([set.subarray(0, -70), set.subarray(-70, -70 + cut)]), 11).nextOffset,
      ).toBe(23);
  });

  test('an empty set stays where it is', () => {
    expect(readRecordSet(Buffer.alloc(0), 5)).toEqual({ records: [], nextOffset: 5, batches: [] });
  });

  test('passes control batches and batches emptied by compaction', () => {
    const set = Buffer.concat([
      batchBytes({ baseOffset: 0, records: three, producerId: 1, transactional: true }),
      batchBytes({ baseOffset: 3, marker: 'commit', producerId: 1 }),
      batchBytes({ baseOffset: 4, lastOffsetDelta: 5 }),
    ]);
    const read = readRecordSet(set, 0, []);
    expect(values(read.records)).toEqual(['0=a', '1=b', '2=c']);
    expect(read.nextOffset).toBe(10);
    expect(read.batches.map((b) => [b.marker, b.transactional, b.producerId])).toEqual([
      [undefined, true, 1n],
      ['commit', true, 1n],
      [undefined, false, -1n],
    ]);
  });

  test('takes the time of the broker where the topic says so', () => {
    const set = batchBytes({ records: three });
    set.writeInt16BE(0x08, 21);
    set.writeBigInt64BE(77_777n, 35);
    expect(readRecordSet(reseal(set), 0).records.map((r) => r.timestamp)).toEqual([77_777, 77_777, 77_777]);
  });

  const compressed = (codec: number, squeeze: (b: Buffer) => Buffer): Buffer => {
    const plain = batchBytes({ baseOffset: 4, records: three });
    const set = Buffer.concat([plain.subarray(0, 61), squeeze(plain.subarray(61))]);
    set.writeInt32BE(set.length - 12, 8);
    set.writeInt16BE(codec, 21);
    return reseal(set);
  };

  test.each([
    ['gzip', 1, gzipSync],
    ['zstd', 4, zstdCompressSync],
  ] as const)('reads %s', (_name, codec, squeeze) => {
    expect(values(readRecordSet(compressed(codec, squeeze), 5).records)).toEqual(['5=b', '6=c']);
  });

  test.each([
    ['broken snappy', compressed(2, (b) => b)],
    ['broken lz4', compressed(3, (b) => b)],
    ['an unknown codec', compressed(5, (b) => b)],
    ['broken gzip', compressed(1, (b) => b)],
    ['broken zstd', compressed(4, (b) => b)],
    ['a bomb', compressed(1, () => gzipSync(Buffer.alloc(65 * 1024 * 1024)))],
  ])('refuses %s', (_name, set) => {
    expect(() => readRecordSet(set, 0)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
  });

  test.each<[string, (set: Buffer) => void]>([
    ['a wrong checksum', (s) => (s[70] ^= 1)],
    ['another format version', (s) => (s[16] = 1)],
    ['a negative length', (s) => s.writeInt32BE(-5, 8)],
    ['a length that leads back to its start', (s) => (s.writeInt32BE(-12, 8), s.writeUInt32BE(0, 17))],
    ['a length shorter than the header', (s) => s.writeInt32BE(48, 8)],
    [
      'more records than bytes',
      (s) => (s.writeInt32BE(1_000_000, 57), s.writeInt32BE(999_999, 23), reseal(s)),
    ],
    ['more records than offsets', (s) => (s.writeInt32BE(1, 23), reseal(s))],
    ['fewer records than bytes', (s) => (s.writeInt32BE(2, 57), reseal(s))],
    ['a negative count', (s) => (s.writeInt32BE(-1, 57), reseal(s))],
    ['a negative last offset', (s) => (s.writeInt32BE(-1, 23), reseal(s))],
    ['an offset beyond 2^53', (s) => s.writeInt32BE(0x7fffffff, 0)],
    ['a record that is too long', (s) => ((s[61] += 2), reseal(s))],
    ['a record that is too short', (s) => ((s[61] -= 2), reseal(s))],
    ['a record length of zero', (s) => ((s[61] = 0), reseal(s))],
    ['a value past its record', (s) => ((s[66] = 40), reseal(s))],
    ['headers that are not there', (s) => ((s[68] = 4), reseal(s))],
    ['a negative header count', (s) => ((s[68] = 1), reseal(s))],
    ['an offset twice', (s) => ((s[61 + 8 + 3] = 0), reseal(s))],
  ])('refuses %s', (_name, spoil) => {
    const set = batchBytes({ records: three });
    spoil(set);
    expect(() => readRecordSet(set, 0)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
  });

  test('refuses a number that does not end within its five bytes: records are read again by others', () => {
    const set = batchBytes({ records: [out('', { headers: [['abcdef', null]] })] });
    set.set([0x84, 0x80, 0x80, 0x80, 0x80], 68);
    expect(() => readRecordSet(reseal(set), 0)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }));
  });

  test('a batch that cannot be read holds back nothing before it', () => {
    const good = batchBytes({ baseOffset: 10, records: three });
    const bad = batchBytes({ baseOffset: 13, records: three });
    bad[70] ^= 1;
    const back = batchBytes({ baseOffset: 12, records: three });
    for (const second of [bad, back])
      expect(readRecordSet(Buffer.concat([good, second]), 10).nextOffset).toBe(13);
  });

  test('refuses a set that lies wholly before the fetch offset: it would be asked for again and again', () => {
    expect(() => readRecordSet(batchBytes({ records: three }), 3)).toThrow(
      expect.objectContaining({ code: 'LOG_CORRUPT' }),
    );
  });

  test('the checksum can be left unchecked', () => {
    const set = batchBytes({ records: three });
    set[17] ^= 1;
    expect(readRecordSet(set, 0, undefined, { checkCrc: false }).records).toHaveLength(3);
  });

  test('any bytes end in records that can be read or in LOG_CORRUPT', () => {
    const spoiled = fc
      .tuple(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      )
      .map(([records, changes]) => {
        const set = encode(records);
        for (const [at, value] of changes) set[at % set.length] = value;
        const length = set.readInt32BE(8);
        return length >= 49 && length + 12 <= set.length ? reseal(set) : set;
      });
    const any = fc.oneof(
      spoiled,
      fc.uint8Array({ maxLength: 400 }).map((a) => Buffer.from(a)),
    );
    let read = 0;
    let refused = 0;
    fc.assert(
      fc.property(any, (set) => {
        try {
          const { records } = readRecordSet(set, 0, [], { checkCrc: false });
          read++;
          for (const r of records) {
            expect(r.headersEnd).toBeLessThanOrEqual(set.length);
            expect(plainIn(r)).toEqual(plainIn(r.detach()));
          }
        } catch (e) {
          expect(e).toMatchObject({ code: 'LOG_CORRUPT' });
          refused++;
        }
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(read, refused)).toBeGreaterThan(100);
  });
});
