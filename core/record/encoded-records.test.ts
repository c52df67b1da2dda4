import { describe, expect, test } from '@jest/globals';
import { outRecordFields } from '@verdikt/test/support/arbitrary-records.ts';
import { batchBytes } from '@verdikt/test/support/kafka/batches.ts';
import fc from 'fast-check';
import { BytePool } from './byte-pool.ts';
import { EncodedRecords } from './encoded-records.ts';
import { putBody } from './record-body.ts';
import type { OutRecord } from './record.ts';

const record: fc.Arbitrary<OutRecord> = fc.record(outRecordFields, {
  requiredKeys: ['key', 'value', 'headers'],
});

const hex = (v: Buffer | string | null): string | null =>
  v === null ? null : Buffer.from(v).toString('hex');
const plain = ({ key, value, headers, timestamp }: OutRecord): unknown => ({
  ...{ key: hex(key), value: hex(value), timestamp },
  headers: headers.map(([name, v]) => [Buffer.from(name).toString(), hex(v)]),
});

const encodedOf = (records: readonly OutRecord[]): EncodedRecords => {
  const encoded = new EncodedRecords();
  for (const r of records) encoded.add(r);
  return encoded;
};
const some = fc.array(record, { minLength: 1, maxLength: 20 });
const ofBytes = (bytes: number): OutRecord => ({ key: null, value: 'x'.repeat(bytes), headers: [] });

describe('encoded records', () => {
  test('say what the records said', () => {
    fc.assert(
      fc.property(some, (records) => {
        const encoded = encodedOf(records);
        expect(Array.from(encoded, plain)).toEqual(records.map(plain));
        expect([encoded.length, encoded.at(-1), encoded.at(records.length)]).toEqual([
          ...[records.length, undefined, undefined],
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('have the same bytes in a batch', () => {
    fc.assert(
      fc.property(some, (records) => {
        expect(batchBytes({ records: encodedOf(records) }).equals(batchBytes({ records }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('may be written as bytes', () => {
    const { key, value, headers } = { key: Buffer.from('k'), value: 'v', headers: [] };
    const encoded = encodedOf([ofBytes(3)]);
    encoded.write({
      mostBytes: 20,
      write: (b, at) => putBody(b, at, { key, value, headers }),
    });
    encoded.add(ofBytes(4));
    expect(Array.from(encoded, plain)).toEqual([ofBytes(3), { key, value, headers }, ofBytes(4)].map(plain));
  });

  test('change their last one, made of what it was', () => {
    fc.assert(
      fc.property(some, (records) => {
        const told = (r: OutRecord): OutRecord => ({
          ...{ key: r.key, value: r.value, headers: [...r.headers, ['told', 'so']] },
          ...(r.timestamp === undefined ? {} : { timestamp: r.timestamp }),
        });
        const encoded = encodedOf(records);
        encoded.changeLast(told);
        const wanted = [...records.slice(0, -1), told(records[records.length - 1])];
        expect(Array.from(encoded, plain)).toEqual(wanted.map(plain));
      }),
      { numRuns: 300 },
    );
    const none = new EncodedRecords();
    none.changeLast(() => ofBytes(1));
    expect(none.length).toBe(0);
  });

  test('fill page after page, and one of its own where a record is larger', () => {
    const records = [700, 800, 30_000, 400_000, 1, 200_000, 2].map(ofBytes);
    expect(Array.from(encodedOf(records), plain)).toEqual(records.map(plain));
  });

  test('ask a record for each part once', () => {
    const asked: string[] = [];
    const told = <T>(name: string, value: T): T => {
      asked.push(name);
      return value;
    };
    new EncodedRecords().add({
      get key() {
        return told('key', null);
      },
      get value() {
        return told('value', 'v');
      },
      get headers() {
        return told('headers', []);
      },
    });
    expect(asked).toEqual(['key', 'value', 'headers']);
  });

  test('give their pages back, and are empty then', () => {
    const pool = new BytePool(1 << 20);
    const encoded = new EncodedRecords(pool);
    for (let i = 0; i < 100; i++) encoded.add(ofBytes(50));
    expect(pool.idleBytes).toBe(0);
    encoded.release();
    expect([encoded.length, encoded.at(0), encoded.allBytes]).toEqual([0, undefined, 0]);
    const { idleBytes } = pool;
    expect(idleBytes).toBeGreaterThan(5_000);
    for (let i = 0; i < 100; i++) encoded.add(ofBytes(50));
    expect(pool.idleBytes).toBe(0);
    expect(Array.from(encoded, plain)).toEqual(Array.from({ length: 100 }, () => plain(ofBytes(50))));
  });

  test('know what they take', () => {
    fc.assert(
      fc.property(some, (records) => {
        const encoded = encodedOf(records);
        encoded.changeLast((last) => ({ ...last, key: last.key, value: 'other', headers: [] }));
        const to = Buffer.alloc(encoded.allBytes + 1, 0xee);
        expect([encoded.copyAll(to, 0), to[encoded.allBytes]]).toEqual([encoded.allBytes, 0xee]);
      }),
    );
  });

  test('show all their bytes where they lie', () => {
    const encoded = encodedOf([700, 800, 30_000, 400_000, 1, 200_000, 2].map(ofBytes));
    const copy = Buffer.alloc(encoded.allBytes);
    encoded.copyAll(copy, 0);
    expect(encoded.parts().length).toBeGreaterThan(3);
    expect(Buffer.concat(encoded.parts()).equals(copy)).toBe(true);
    expect(new EncodedRecords().parts()).toEqual([]);
  });
});
