import { describe, expect, test } from '@jest/globals';
import { markOf, wasCommitted } from './unfinished-outputs.ts';

const mark = markOf(
  3,
  new Map([['results', 10]]),
  new Map([
    ['results', 5],
    ['retry', 2],
  ]),
);

describe('the mark of a commit', () => {
  test('tells the last sequence number of each output, also of those it did not write to', () => {
    expect(mark).toEqual({ epoch: 3, last: { results: 14, retry: 1 } });
    expect(markOf(3, new Map([['dlq', 4]]), new Map())).toEqual({ epoch: 3, last: { dlq: 3 } });
  });

  test('knows that sequence numbers begin again after 2^31', () => {
    expect(markOf(0, new Map([['results', 2 ** 31 - 1]]), new Map([['results', 1]])).last.results).toBe(
      2 ** 31 - 1,
    );
    expect(markOf(0, new Map([['results', 2 ** 31 - 1]]), new Map([['results', 3]])).last.results).toBe(1);
  });
});

describe('hanging records', () => {
  const hanging = { topic: 'results', epoch: 3, lastSequence: 14 };

  test('were committed when the mark names exactly them', () => {
    expect(wasCommitted([hanging, { topic: 'retry', epoch: 3, lastSequence: 1 }], mark)).toBe(true);
  });

  test('were not when it is of an earlier transaction, of an earlier writer, or missing', () => {
    expect(wasCommitted([{ ...hanging, lastSequence: 19 }], mark)).toBe(false);
    expect(wasCommitted([{ ...hanging, epoch: 4 }], mark)).toBe(false);
    expect(wasCommitted([{ ...hanging, topic: 'dlq' }], mark)).toBe(false);
    expect(wasCommitted([hanging, { topic: 'retry', epoch: 3, lastSequence: 9 }], mark)).toBe(false);
    expect(wasCommitted([hanging], undefined)).toBe(false);
  });
});
