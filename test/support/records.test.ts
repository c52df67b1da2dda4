import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inRecord, outRecord, plain, stored } from './records.ts';

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((b) => Buffer.from(b)));
const header = fc.tuple(fc.string({ maxLength: 200, unit: 'grapheme' }), bytes);

test('what is encoded reads back the same', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.array(header, { maxLength: 5 }), fc.nat(), (key, value, headers, offset) => {
      for (const r of [
        inRecord({ key, value, headers, offset, timestamp: 5 }),
        stored({ key, value, headers }, offset, 5).detach(),
      ]) {
        expect([r.key, r.value, r.offset, r.timestamp]).toEqual([key, value, offset, 5]);
        expect(r.headers()).toEqual(headers);
        const ascii = headers.find(([name]) => /^[ -~]+$/.test(name));
        if (ascii !== undefined)
          expect(r.header(ascii[0])).toEqual(headers.find(([n]) => n === ascii[0])?.[1]);
      }
    }),
    { numRuns: 300 },
  );
});

test('the short form: texts, defaults, headers as an object', () => {
  expect(plain(inRecord({ key: 'ü', headers: { a: '1', b: null } }))).toEqual({
    offset: 0,
    key: 'ü',
    value: null,
    headers: [
      ['a', '1'],
      ['b', null],
    ],
  });
  expect(inRecord({}).timestamp).toBe(-1);
  expect(outRecord({ key: 'k', value: 'v', headers: { a: '1' }, timestamp: 3 })).toEqual({
    key: Buffer.from('k'),
    value: 'v',
    headers: [['a', '1']],
    timestamp: 3,
  });
});

test('long names and values take lengths of several bytes', () => {
  for (const n of [0, 63, 64, 8191, 8192, 1_048_576]) {
    const r = inRecord({
      headers: [
        ['x'.repeat(n % 9000), 'y'.repeat(n)],
        ['last', 'z'],
      ],
    });
    expect(r.header('x'.repeat(n % 9000))?.length).toBe(n);
    expect(r.headerText('last')).toBe('z');
  }
});
