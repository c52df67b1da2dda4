import { describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { codeOf } from '@verdikt/test/engine/contracts/subject.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { EntryTable } from './entries.ts';
import { Ledger } from './ledger.ts';

const topics = topicNames('', 'g');
const setup = () => {
  const entries = new EntryTable();
  const facts = { ids: { words: 'w' }, ends: { results: 10, retry: 20, deadLetters: 30 } };
  return { entries, ledger: new Ledger(topics, 12, facts, entries) };
};
const output = (topic: string, n = 1) => ({ topic, records: Array.from({ length: n }, () => outRecord({})) });
const WINDOW = { now: 0, windowMs: 64_000 };
const noted = (ledger: Ledger, size: number, oldest = -Infinity) => ledger.note({ size, oldest });
const written = (...offsets: number[][]) => ({ offsets, appendTime: -1 });

describe('where the outputs of a task must lie', () => {
  test('right behind what was read, and after a commit behind its marker', () => {
    const { ledger } = setup();
    const outputs = [output(topics.results, 2), output(topics.retry)];
    const at = written([10, 11], [20]);
    expect(ledger.gaps(outputs, at)).toEqual([]);
    ledger.committed(outputs, at, WINDOW);
    expect([topics.results, topics.retry, topics.deadLetters].map((t) => ledger.end(t))).toEqual([
      13, 22, 30,
    ]);
    expect(ledger.gaps([output(topics.results)], written([13]))).toEqual([]);
  });

  test('further on in results or dead letters there is a gap that must be read', () => {
    const { ledger } = setup();
    const outputs = [output(topics.results), output(topics.deadLetters)];
    expect(ledger.gaps(outputs, written([12], [31]))).toEqual([
      { topic: topics.results, from: 10, to: 12 },
      { topic: topics.deadLetters, from: 30, to: 31 },
    ]);
  });

  test('further on in the retry partition, what was read is not all there is', () => {
    const { ledger } = setup();
    expect(codeOf(() => ledger.gaps([output(topics.retry)], written([21])))).toBe('TRANSACTION_FAILED');
  });

  test('before its end, the log has lost that', () => {
    const { ledger } = setup();
    for (const topic of [topics.results, topics.retry, topics.deadLetters])
      expect(codeOf(() => ledger.gaps([output(topic)], written([9])))).toBe('OFFSET_LOST');
  });

  test('where the end of the transaction before is missing, one place before', () => {
    const { ledger } = setup();
    const outputs = [output(topics.results), output(topics.retry)];
    ledger.committed(outputs, written([10], [20]), WINDOW);
    const joined = { ...written([11], [22]), unended: [topics.results] };
    expect(ledger.gaps(outputs, joined)).toEqual([]);
    expect(codeOf(() => ledger.gaps(outputs, written([11], [22])))).toBe('OFFSET_LOST');
    expect(codeOf(() => ledger.gaps(outputs, { ...joined, offsets: [[10], [22]] }))).toBe('OFFSET_LOST');
    ledger.committed(outputs, joined, WINDOW);
    expect([topics.results, topics.retry].map((t) => ledger.end(t))).toEqual([13, 24]);
  });

  test('with others in between, somebody else writes there', () => {
    const { ledger } = setup();
    expect(codeOf(() => ledger.gaps([output(topics.results, 2)], written([10, 12])))).toBe(
      'TRANSACTION_FAILED',
    );
  });

  test('control is exempt, and so is an output without records', () => {
    const { ledger } = setup();
    const outputs = [output(topics.control), { topic: topics.results, records: [] }];
    expect(ledger.gaps(outputs, written([999], []))).toEqual([]);
    ledger.committed(outputs, written([999], []), WINDOW);
    expect(ledger.end(topics.results)).toBe(10);
  });
});

test('a note tells from where on something must be remembered', () => {
  const { ledger } = setup();
  expect(noted(ledger, 0).recall).toEqual({});
  // The first one is in the plan that is handed out, or in a later one.
  expect(noted(ledger, 1).recall).toEqual({ results: 10, deadLetters: 30 });
  ledger.committed([output(topics.results, 2)], written([10, 11]), WINDOW);
  expect(noted(ledger, 5).recall).toEqual({ results: 10, deadLetters: 30 });
  expect(noted(ledger, 0).recall).toEqual({});
  expect(noted(ledger, 1).recall).toEqual({ results: 13, deadLetters: 30 });
  ledger.recalled({ results: 4, deadLetters: 5 });
  expect(noted(ledger, 1).recall).toEqual({ results: 4, deadLetters: 5 });
  expect(ledger.note().recall).toBeUndefined();
});

test('what must be remembered lies behind what is older than the oldest of it', () => {
  const { ledger } = setup();
  const commit = (first: number, at: number): void => {
    ledger.committed([output(topics.results)], written([first]), { ...WINDOW, now: at });
  };
  ledger.recalled({ results: 4, deadLetters: 5 });
  commit(10, 1_000);
  commit(12, 1_500);
  commit(14, 2_000);
  expect(noted(ledger, 3, 1_000).recall).toEqual({ results: 4, deadLetters: 5 });
  expect(noted(ledger, 3, 1_001).recall).toEqual({ results: 12, deadLetters: 30 });
  // Half a second after another one is no place of its own.
  expect(noted(ledger, 3, 1_600).recall).toEqual({ results: 12, deadLetters: 30 });
  expect(noted(ledger, 3, 5_000).recall).toEqual({ results: 16, deadLetters: 30 });
  expect(noted(ledger, 0, Infinity).recall).toEqual({});
});

test('a note tells what is outstanding, and the ends before its transaction', () => {
  const { entries, ledger } = setup();
  expect(ledger.note()).toEqual({
    partitions: 12,
    ids: { words: 'w' },
    ends: { results: 10, retry: 20, deadLetters: 30 },
    ...{ live: 0, print: 0, origins: 0 },
  });
  const slots = [5, 6].map((origin) => entries.alloc(origin, 0));
  const both = ledger.note();
  expect([both.live, both.origins]).toEqual([2, 5 ^ 6]);
  entries.redriven(slots[0]);
  expect(ledger.note().print).not.toBe(both.print);
  entries.free(slots[0]);
  expect([ledger.note().live, ledger.note().origins]).toEqual([1, 6]);
  entries.free(slots[1]);
  expect([ledger.note().print, ledger.note().origins]).toEqual([0, 0]);
});
