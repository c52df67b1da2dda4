import { describe, expect, test } from '@jest/globals';
import type { Header } from './record.ts';
import fc from 'fast-check';
import { headerBytes, HeaderPlaces, headersWithout, withoutHeaders } from './header-list.ts';
import { arbitraryRecord } from '@verdikt/test/support/arbitrary-records.ts';
import { asText, encodeHeaders, stored } from '@verdikt/test/support/records.ts';

test.each([
  ['', null],
  ['n', ''],
  ['n', 'x'.repeat(63)],
  ['n', 'x'.repeat(64)],
  ['name', Buffer.alloc(8191)],
  ['name', Buffer.alloc(8192)],
  ['ü'.repeat(32), '語'],
] as Header[])('headerBytes counts %.5j with %.5j as it is written', (name, value) => {
  expect(headerBytes([name, value])).toBe(encodeHeaders([[name, value]]).length);
});

test('headersWithout keeps order and duplicates', () => {
  const headers: Header[] = [
    ['a', '1'],
    ['b', '2'],
    ['a', null],
    ['A', '3'],
  ];
  const record = stored({ key: null, value: null, headers });
  expect(asText(headersWithout(record, new Set(['b'])))).toEqual([
    ['a', '1'],
    ['a', null],
    ['A', '3'],
  ]);
});

test('withoutHeaders leaves out what is named and nothing else', () => {
  fc.assert(
    fc.property(arbitraryRecord(['a', 'b']), (out) => {
      const record = stored(out);
      const got = withoutHeaders(record, new Set(['a']));
      expect([got.key, got.value, got.offset, got.timestamp]).toEqual([
        record.key,
        record.value,
        record.offset,
        record.timestamp,
      ]);
      expect(got.headers()).toEqual(record.headers().filter(([name]) => name !== 'a'));
      expect(got.headerCount).toBe(got.headers().length);
    }),
  );
});

describe('HeaderPlaces', () => {
  const NAMES = ['abc', 'abd', 'xbc', 'axc', 'abcd', ''];

  test('finds what a look-up of each name finds: the first, null or not', () => {
    const places = new HeaderPlaces(NAMES.slice(0, 3));
    fc.assert(
      fc.property(arbitraryRecord(NAMES), (out) => {
        const record = stored(out);
        places.locate(record);
        for (let i = 0; i < 3; i++) {
          const expected = record.header(NAMES[i]);
          expect(places.has(i)).toBe(expected !== undefined);
          expect(places.bytes(record, i)).toEqual(expected ?? undefined);
          expect(places.text(record, i)).toEqual(record.headerText(NAMES[i]));
          const text = record.headerText(NAMES[i]) ?? '';
          expect(places.integer(record, i)).toBe(/^[0-9]{1,16}$/.test(text) ? Number(text) : undefined);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('an integer is at most what is asked for', () => {
    const places = new HeaderPlaces(['n']);
    const record = stored({ key: null, value: null, headers: [['n', '11']] });
    places.locate(record);
    expect([places.integer(record, 0, 11), places.integer(record, 0, 10)]).toEqual([11, undefined]);
  });
});
