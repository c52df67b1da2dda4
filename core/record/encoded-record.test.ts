import { describe, expect, test } from '@jest/globals';
import { outRecordFields } from '@verdikt/test/support/arbitrary-records.ts';
import { batchBytes } from '@verdikt/test/support/kafka/batches.ts';
import fc from 'fast-check';
import { RecordPages } from './encoded-record.ts';
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

describe('RecordPages', () => {
  test('an encoded record says what the record said, whatever was encoded after it', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), fc.nat(), (records, cut) => {
        const pages = new RecordPages();
        const encoded = records.map((r, i) => {
          if (i === cut % records.length) pages.clear();
          return pages.add(r);
        });
        expect(encoded.map(plain)).toEqual(records.map(plain));
      }),
      { numRuns: 500 },
    );
  });

  test('a batch of encoded records has the same bytes', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), (records) => {
        const pages = new RecordPages();
        const encoded = records.map((r) => pages.add(r));
        expect(batchBytes({ records: encoded }).equals(batchBytes({ records }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('asks a record for each part once', () => {
    const asked: string[] = [];
    const told = <T>(name: string, value: T): T => {
      asked.push(name);
      return value;
    };
    new RecordPages().add({
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
});
