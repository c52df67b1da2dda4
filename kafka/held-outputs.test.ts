import { describe, expect, test } from '@jest/globals';
import { markOf, markText, parseMark, wasCommitted } from './held-outputs.ts';

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

  test('comes back from its text', () => {
    expect(parseMark(markText(mark))).toEqual(mark);
  });

  test('is none where the metadata is not ours', () => {
    const noMarks = ['{"epoch":"1","last":{}}', '{"epoch":1}', '{"epoch":3,"last":null}'];
    for (const text of [null, '', 'x', '1', 'null', '[]', ...noMarks])
      expect(parseMark(text)).toBeUndefined();
  });

  test('fits an offset with the longest topic names', () => {
    const names = ['a', 'b', 'c', 'd'].map((c) => c.repeat(249));
    const long = markOf(32_767, new Map(names.map((n) => [n, 2 ** 31 - 1])), new Map());
    expect(markText(long).length).toBeLessThan(4_096);
  });
});

describe('held records', () => {
  const held = { topic: 'results', epoch: 3, lastSequence: 14 };

  test('were committed when the mark names exactly them', () => {
    expect(wasCommitted([held, { topic: 'retry', epoch: 3, lastSequence: 1 }], mark)).toBe(true);
  });

  test('were not when it is of an earlier transaction, of an earlier writer, or missing', () => {
    expect(wasCommitted([{ ...held, lastSequence: 19 }], mark)).toBe(false);
    expect(wasCommitted([{ ...held, epoch: 4 }], mark)).toBe(false);
    expect(wasCommitted([{ ...held, topic: 'dlq' }], mark)).toBe(false);
    expect(wasCommitted([held, { topic: 'retry', epoch: 3, lastSequence: 9 }], mark)).toBe(false);
    expect(wasCommitted([held], undefined)).toBe(false);
  });
});
