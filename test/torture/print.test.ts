import { expect, test } from '@jest/globals';
import type { SeenRecord } from '../support/system/console-reader.ts';
import { LogPrint } from './print.ts';

const printOf = (...values: string[]): LogPrint => {
  const print = new LogPrint();
  values.forEach((value, offset) => {
    const record = { timestamp: 1, partition: offset % 2, offset, key: 'k', headers: new Map(), value };
    print.take(record satisfies SeenRecord);
  });
  return print;
};

test('readers that saw the same agree', () => {
  expect(printOf('a', 'b', 'c').compare('results', printOf('a', 'b', 'c'))).toEqual([]);
});

test('readers that saw more, fewer or other records do not', () => {
  const live = printOf('a', 'b', 'c');
  const said = (other: LogPrint): string[] => live.compare('results', other).map((f) => f.detail);
  expect(said(printOf('a', 'b'))).toEqual(['results-0: 2 records read live, at the end 1']);
  expect(said(printOf('a', 'b', 'c', 'd'))).toEqual(['results-1: 1 records read live, at the end 2']);
  expect(said(printOf('a', 'x', 'c'))).toEqual(['results-1: 1 records read live, at the end others']);
  expect(said(printOf('c', 'b', 'a'))).toEqual(['results-0: 2 records read live, at the end others']);
});
