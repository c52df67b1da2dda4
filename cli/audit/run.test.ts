import { expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import {
  auditRecorded,
  emptyRecorded,
  keyOf,
  verdictText,
  type Recorded,
} from '@verdikt/test/support/audit/recorded.ts';
import { auditText } from './text.ts';

const HOUR = 3_600_000;
const NOW = 100 * HOUR;
const word = (id: string, offset: number, timestamp: number, key = id) =>
  inRecord({ key, value: 'v', offset, timestamp, headers: { [H.id]: id } });
const result = (id: string, origin: number, offset: number, timestamp: number, key = id) =>
  inRecord({
    key,
    value: verdictText(id, origin),
    offset,
    timestamp,
    headers: { [H.id]: id, [H.origin]: String(origin) },
  });

/** Ten words, one an hour, each judged at once. */
const tenHours = (): Recorded => {
  const h = { ...emptyRecorded(NOW), committed: 10 };
  for (let i = 0; i < 10; i++) {
    h.words.push(word(`w${i}`, i, i * HOUR));
    h.results.push(result(`w${i}`, i, i, i * HOUR + 100));
  }
  return h;
};
const without = (h: Recorded, topic: 'words' | 'results', count: number): Recorded => ({
  ...h,
  [topic]: h[topic].slice(count),
  starts: { [topic]: count },
});

test('verdicts that retention has deleted are out of sight, not lost', async () => {
  const { counts, findings } = await auditRecorded(without(tenHours(), 'results', 4));
  expect([counts.unknown, findings]).toEqual([4, []]);
});

test('one that must still be there is lost', async () => {
  const h = tenHours();
  h.results.splice(6, 1);
  const { counts, found, findings } = await auditRecorded(without(h, 'results', 4));
  expect([counts.unknown, found, findings[0].origin]).toEqual([4, { lost: 1 }, 6]);
});

test('words that retention has deleted leave verdicts that are still checked for doubles and order', async () => {
  const h = without(tenHours(), 'words', 5);
  expect((await auditRecorded(h)).findings).toEqual([]);
  h.results.push(result('w2', 2, 10, 10 * HOUR));
  expect((await auditRecorded(h)).found).toEqual({ doubled: 1 });
});

test('a range by time leaves out what was written before and after', async () => {
  const h = tenHours();
  h.results.splice(7, 1);
  h.results.splice(1, 1);
  const range = { from: 3 * HOUR, to: 9 * HOUR, dedupWindowMs: 600_000 };
  const { counts, findings } = await auditRecorded(h, range);
  expect(counts.words).toBe(6);
  expect(findings.map((f) => f.origin)).toEqual([7]);
});

test('a key leaves out all others', async () => {
  const h = tenHours();
  h.results.splice(7, 1);
  h.results.splice(1, 1);
  const { counts, findings } = await auditRecorded(h, { key: 'w7' });
  expect([counts.words, findings.map((f) => [f.kind, f.key, f.id])]).toEqual([1, [['lost', 'w7', 'w7']]]);
});

test('of more than the window the newest are looked at, and it says so', async () => {
  const h = tenHours();
  h.results.splice(8, 1);
  h.results.splice(1, 1);
  const report = await auditRecorded(h, { window: 4, dedupWindowMs: 600_000 });
  expect([report.counts.words, report.cut, report.found]).toEqual([
    4,
    [{ partition: 0, from: 6 }],
    { lost: 1 },
  ]);
  expect(auditText(report)).toContain('looked at from origin 6 on');
});

test('lists so many and counts all', async () => {
  const h = { ...tenHours(), results: [] };
  const report = await auditRecorded(h, { maxFindings: 3 });
  expect([report.findings.length, report.found]).toEqual([3, { lost: 10 }]);
  expect(auditText(report)).toContain('and 7 more');
});

test('what is there at a second look is not reported', async () => {
  const whole = tenHours();
  const missing = whole.results.slice(1);
  let looks = 0;
  const report = await auditRecorded({
    ...whole,
    get now() {
      looks++;
      return NOW;
    },
    get results() {
      return looks > 1 ? whole.results : missing;
    },
  });
  expect([report.found, report.gone]).toEqual([{}, [{ partition: 0, findings: 1 }]]);
  expect(auditText(report)).toContain('1 finding of a first look had gone');
});

test('words that others put into a partition where they do not belong', async () => {
  const h = { ...emptyRecorded(NOW), committed: 1 };
  h.words.push(word('a', 0, 0, keyOf('k', 2, 64)));
  h.results.push(result('a', 0, 0, 100, keyOf('k', 2, 64)));
  const partitions = 64;
  const { found } = await auditRecorded(h, {}, partitions, 1);
  expect(found).toEqual({ 'wrong-partition': 1 });
});

test('a verdict in a partition where it does not belong', async () => {
  const h = { ...emptyRecorded(NOW), committed: 1 };
  h.words.push(word('b', 0, 0, keyOf('k', 1, 64)));
  h.results.push(result('b', 0, 0, 100, keyOf('k', 1, 64)), result('a', 0, 1, 100, keyOf('k', 2, 64)));
  const { found, findings } = await auditRecorded(h, {}, 64, 1);
  expect([found, findings[0].at]).toEqual([{ 'wrong-partition': 1 }, 'results-1@1']);
});

test('a key is found wherever it lies, and that is told', async () => {
  const key = keyOf('k', 2, 64);
  const h = { ...emptyRecorded(NOW), committed: 1 };
  h.words.push(word('a', 0, 0, key));
  h.results.push(result('a', 0, 0, 100, key));
  const report = await auditRecorded(h, { key }, 64, 1);
  expect([report.counts.words, report.found, report.places]).toEqual([
    1,
    { 'wrong-partition': 1 },
    [{ partition: 1, words: 1, own: false }],
  ]);
  expect(auditText(report)).toContain('1 submission in partition 1, where it does not belong');
  expect(auditText(report)).not.toContain('several partitions');
  const places = [0, 1].map((partition) => ({ partition, words: 1, own: partition === 0 }));
  expect(auditText({ ...report, places })).toContain('several partitions');
});

test('a key that lies where it belongs has no finding, and the partition is named', async () => {
  const key = keyOf('k', 1, 64);
  const h = { ...emptyRecorded(NOW), committed: 1 };
  h.words.push(word('a', 0, 0, key));
  h.results.push(result('a', 0, 0, 100, key));
  const report = await auditRecorded(h, { key }, 64, 1);
  expect([report.found, report.places]).toEqual([{}, [{ partition: 1, words: 1, own: true }]]);
  expect(auditText(await auditRecorded(h, { key: 'none' }, 64, 1))).not.toContain('the key has');
});

test('words in partitions that were added are not read, and do not belong there', async () => {
  const at = 3;
  const h = emptyRecorded(NOW);
  h.words.push(word('a', 0, 0, keyOf('k', at, 6)), word('b', 1, 0, keyOf('k', at, 6)));
  const report = await auditRecorded(h, {}, 6, at, 3);
  expect([report.partitions.length, report.counts.pending, report.found]).toEqual([
    6,
    2,
    { 'wrong-partition': 2 },
  ]);
  const late = { ...h, words: [word('a', 0, 0), word('b', 1, HOUR, keyOf('k', at, 6))] };
  expect((await auditRecorded(late, { from: HOUR }, 6, at, 3)).counts.words).toBe(1);
});
