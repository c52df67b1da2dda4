import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Columns, eachGroup, KNOWN, LEFT_OUT, WORD } from './columns.ts';

const hash = fc.constantFrom(0, 1, 0x1_0000, 0x1_0001, 0x8000_0000, 0xffff_0000, 0xffff_ffff);

test('groups rows by both columns, in order of origin, and leaves out what is told', () => {
  const columns = new Columns();
  fc.assert(
    fc.property(fc.array(fc.tuple(hash, hash, fc.boolean()), { maxLength: 40 }), (rows) => {
      columns.reset(10, rows.length, 0);
      rows.forEach(([first, second, out], i) => {
        columns.key0[i] = first;
        columns.key1[i] = second;
        columns.flags[i] = KNOWN | WORD | (out ? LEFT_OUT : 0);
      });
      const expected = new Map<string, number[]>();
      rows.forEach(([first, second, out], i) => {
        if (!out) expected.set(`${first} ${second}`, [...(expected.get(`${first} ${second}`) ?? []), i]);
      });
      for (const single of [true, false]) {
        const found: number[][] = [];
        const sorted = columns.sortedBy(columns.key0, KNOWN, LEFT_OUT);
        eachGroup(sorted, columns.key0, columns.key1, single, (group) => found.push(Array.from(group)));
        const wanted = [...expected.values()].filter((group) => single || group.length > 1);
        const text = (groups: number[][]): string[] => groups.map((g) => g.join(',')).sort();
        expect(text(found)).toEqual(text(wanted));
      }
    }),
    { numRuns: 500 },
  );
});

test('sorts one crowded bucket', () => {
  const columns = new Columns();
  const size = 5_000;
  columns.reset(0, size, 0);
  for (let i = 0; i < size; i++) {
    columns.key0[i] = 0x7_0000 + ((i * 7919) % 13);
    columns.flags[i] = WORD;
  }
  const rows = Array.from(columns.sortedBy(columns.key0, WORD, 0));
  const wanted = Array.from({ length: size }, (_, i) => i).sort(
    (a, b) => columns.key0[a] - columns.key0[b] || a - b,
  );
  expect(rows).toEqual(wanted);
});

test('the same memory serves one partition after the other', () => {
  const columns = new Columns();
  columns.reset(100, 5, 1_000);
  columns.flags[4] = WORD;
  columns.attempt[4] = 3;
  columns.setTime(4, 2_500);
  expect([columns.timeOf(4), columns.row(104), columns.row(105), columns.row(99)]).toEqual([
    2_500, 4, -1, -1,
  ]);
  columns.setTime(4, 10);
  expect(columns.timeOf(4)).toBe(1_000);
  const { flags } = columns;
  columns.reset(0, 5, 0);
  expect(columns.flags).toBe(flags);
  expect([columns.flags[4], columns.attempt[4]]).toEqual([0, 0]);
});
