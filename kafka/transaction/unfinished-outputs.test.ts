import { describe, expect, test } from '@jest/globals';
import { markOf, NOTHING_COMMITTED, wasCommitted } from './unfinished-outputs.ts';

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
  const hanging = { topic: 'results', epoch: 3, lastSequence: 14, openSince: 7 };
  const retry = { topic: 'retry', epoch: 3, lastSequence: 1, openSince: 7 };

  test('were committed when the mark names exactly them', () => {
    expect(wasCommitted([hanging, retry], mark, false)).toBe(true);
  });

  test('were not when it is of an earlier transaction, of an earlier writer, or missing', () => {
    expect(wasCommitted([{ ...hanging, lastSequence: 19 }], mark, false)).toBe(false);
    expect(wasCommitted([{ ...hanging, epoch: 4 }], mark, false)).toBe(false);
    expect(wasCommitted([{ ...hanging, topic: 'dlq' }], mark, false)).toBe(false);
    expect(wasCommitted([hanging, { ...retry, lastSequence: 9 }], mark, false)).toBe(false);
    expect(wasCommitted([hanging], undefined, true)).toBe(false);
  });

  test('were committed when the offsets are pending and another output has its end already', () => {
    const ended = { ...hanging, lastSequence: 19, openSince: -1 };
    const open = { ...retry, lastSequence: 2 };
    expect(wasCommitted([ended, open], mark, true)).toBe(true);
    expect(wasCommitted([ended, open], mark, false)).toBe(false);
    expect(wasCommitted([{ ...ended, lastSequence: 14 }, open], mark, true)).toBe(false);
  });
});

describe('pending offsets', () => {
  const ended = { topic: 'results', epoch: 3, lastSequence: 19, openSince: -1 };

  test('were committed when an output ends with records of a later transaction', () => {
    expect(wasCommitted([ended], mark, true)).toBe(true);
    expect(wasCommitted([{ ...ended, epoch: 4, lastSequence: 0 }], mark, true)).toBe(true);
    expect(wasCommitted([{ ...ended, epoch: 0, lastSequence: 0 }], NOTHING_COMMITTED, true)).toBe(true);
  });

  test('were not when the outputs end where the mark says, in an earlier epoch, or with an abort', () => {
    expect(wasCommitted([{ ...ended, lastSequence: 14 }], mark, true)).toBe(false);
    expect(wasCommitted([{ ...ended, epoch: 2, lastSequence: 99 }], mark, true)).toBe(false);
    expect(wasCommitted([{ ...ended, epoch: 4, lastSequence: -1 }], mark, true)).toBe(false);
    expect(wasCommitted([], mark, true)).toBe(false);
    expect(wasCommitted([ended], undefined, true)).toBe(false);
  });
});
