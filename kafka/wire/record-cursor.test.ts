import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { batchBytes, out, packedBatch, recordBytes } from '@verdikt/test/support/kafka/batches.ts';
import { scanBatches, type Batch } from './batch.ts';
import { RecordCursor } from './record-cursor.ts';

const FROM = 61;
const plain = (r: InRecord): unknown => [r.offset, r.timestamp, r.key, r.value, r.headers(), r.truncated];

/** Cut at `cuts`, in a buffer that is used again for each piece. */
async function* piecesOf(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const shared = Buffer.alloc(bytes.length);
  for (let p = 0, i = 0; p < bytes.length; i++) {
    const n = Math.min(bytes.length - p, cuts[i % cuts.length]);
    bytes.copy(shared, 0, p, p + n);
    yield shared.subarray(0, n);
    p += n;
  }
}

/** All that a cursor gives, as it was when it was polled and at the end, and the error that it ends with. */
const drain = async (cursor: RecordCursor, maxRecords: number, maxBytes: number): Promise<unknown[]> => {
  const seen: InRecord[] = [];
  const first: unknown[] = [];
  for (;;) {
    const records: InRecord[] = [];
    try {
      const stop = cursor.take({ records, bytes: 0, maxRecords, maxBytes });
      const size = records.reduce((n, r) => n + r.size, 0);
      if (records.length > maxRecords || (records.length > 1 && size > maxBytes))
        throw new Error(`${records.length} records of ${size} bytes at once`);
      seen.push(...records);
      first.push(...records.map(plain));
      if (stop === 'done') break;
      if (stop === 'wait') await cursor.feed();
    } catch (e) {
      seen.push(...records);
      first.push(...records.map(plain), e);
      expect(e).toMatchObject({ code: 'LOG_CORRUPT' });
      const again = { records: [], bytes: 0, maxRecords, maxBytes };
      expect(() => cursor.take(again)).toThrow(e as Error);
      expect(again.records).toEqual([]);
      break;
    }
  }
  expect(seen.map(plain)).toEqual(first.slice(0, seen.length));
  return first;
};

const whole = (batch: Batch, from: number, recordBytes?: number): RecordCursor =>
  new RecordCursor(batch, from, batch.buffer, batch.start, batch.end, undefined, recordBytes);
const inPieces = (
  batch: Batch,
  from: number,
  cuts: readonly number[],
  recordBytes?: number,
): RecordCursor => {
  const bytes = batch.buffer.subarray(batch.start, batch.end);
  return new RecordCursor(batch, from, Buffer.alloc(0), 0, 0, piecesOf(bytes, cuts), recordBytes);
};

test('any cut into pieces and polls, of sound and broken bytes, gives what the whole gives', async () => {
  const bytes = fc.oneof(
    fc.constant(null),
    fc.uint8Array({ maxLength: 90 }).map((b) => Buffer.from(b)),
  );
  const record = fc.record({
    key: bytes,
    value: bytes,
    headers: fc.array(fc.tuple(fc.string({ maxLength: 5 }), bytes), { maxLength: 3 }),
    timestamp: fc.nat(1e12),
  });
  const ends = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 1 }),
      fc.record({ from: fc.nat(3), records: fc.integer({ min: 1, max: 4 }), bytes: fc.nat(200) }),
      fc.constantFrom(undefined, 100),
      async (records, cuts, changes, poll, recordBytes) => {
        const buffer = batchBytes({ records });
        for (const [at, value] of changes) buffer[FROM + (at % (buffer.length - FROM))] = value;
        const [batch] = scanBatches(buffer, { checkCrc: false });
        const wanted = await drain(whole(batch, poll.from, recordBytes), 1_000, 1e9);
        const got = await drain(inPieces(batch, poll.from, cuts, recordBytes), poll.records, poll.bytes);
        expect(got).toEqual(wanted);
        ends.add(wanted.at(-1) instanceof Error ? 'broken' : 'sound');
      },
    ),
    { numRuns: 500 },
  );
  expect(ends.size).toBe(2);
});

test.each([
  ['key and headers', Buffer.from('k'), [['h', 'v']] as [string, string][], 'k', ['h']],
  [
    'a key that is too large with its headers',
    Buffer.alloc(70_000),
    [['h', 'v']] as [string, string][],
    null,
    [],
  ],
  [
    'headers that are too large',
    Buffer.from('k'),
    [['h', 'v'.repeat(70_000)]] as [string, string][],
    'k',
    [],
  ],
  ['no key', null, [], null, []],
])('an oversize record keeps what is small: %s', async (_name, key, headers, keptKey, keptHeaders) => {
  const large = out(Buffer.alloc(200_000), { key, headers, timestamp: 1_234 });
  const buffer = batchBytes({ records: [out('before'), large, out('after')] });
  const [batch] = scanBatches(buffer);
  for (const cursor of [whole(batch, 0, 100_000), inPieces(batch, 0, [1_000], 100_000)]) {
    const records: InRecord[] = [];
    const haul = { records, bytes: 0, maxRecords: 10, maxBytes: 1e9 };
    while (cursor.take(haul) === 'wait') await cursor.feed();
    expect(records.map((r) => [r.offset, r.value?.toString(), r.truncated > 200_000])).toEqual([
      [0, 'before', false],
      [1, undefined, true],
      [2, 'after', false],
    ]);
    expect(records[0].truncated).toBe(0);
    expect(records[1].timestamp).toBe(1_234);
    const all = [records[1], records[1].detach(), records[1].withoutFirstHeaders(0)];
    for (const r of all) {
      expect([r.key?.toString() ?? null, r.headers().map(([name]) => name)]).toEqual([keptKey, keptHeaders]);
      expect(r.truncated).toBe(records[1].truncated);
    }
  }
});

test('offsets rise past an oversize record too', () => {
  const large = Buffer.alloc(200);
  for (const [deltas, code] of [
    [[0, 1, 2], undefined],
    [[0, 1, 1], 'LOG_CORRUPT'],
    [[1, 1, 2], 'LOG_CORRUPT'],
    [[0, 3, 2], 'LOG_CORRUPT'],
  ] as const) {
    const bytes = deltas.map((delta, i) => recordBytes(delta, i === 1 ? large : Buffer.alloc(1)));
    const [batch] = scanBatches(packedBatch(3, 0, Buffer.concat(bytes)));
    const haul = { records: [], bytes: 0, maxRecords: 10, maxBytes: 1e9 };
    const take = (): unknown => whole(batch, 0, 100).take(haul);
    if (code === undefined) expect(take()).toBe('done');
    else expect(take).toThrow(expect.objectContaining({ code }));
  }
});
