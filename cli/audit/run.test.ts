import { describe, expect, test } from '@jest/globals';
import { encodeAnswer } from '@verdikt/core/record/control.ts';
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

describe('the task of a partition', () => {
  const LIMIT = { max: 3, windowMs: 60_000 };
  const TEXT = 'further ones are held back until `verdikt dlq reset --partition 0`';

  /** Letters at these times, and one record that is outstanding. */
  const flood = (times: readonly number[], kind = 'reject'): Recorded => {
    const h = { ...emptyRecorded(NOW), committed: times.length + 1 };
    times.forEach((at, i) => {
      h.words.push(word(`w${i}`, i, at));
      h.deadLetters.push(letter(`w${i}`, i, at, kind));
    });
    h.words.push(word('held', times.length, NOW));
    h.retry.push(entry('held', times.length, NOW));
    return h;
  };
  const letter = (id: string, origin: number, at: number, kind: string) =>
    inRecord({
      ...{ key: id, value: 'v', offset: origin, timestamp: at },
      headers: {
        ...{ [H.id]: id, [H.origin]: `${origin}`, [H.originalTopic]: 'words', [H.originalPartition]: '0' },
        ...{ [H.originalOffset]: `${origin}`, [H.kind]: kind, [H.attempts]: '1', [H.reason]: 'r' },
        ...{ [H.stage]: 's', [H.disposition]: 'final' },
      },
    });
  const entry = (id: string, origin: number, timestamp: number) =>
    inRecord({
      ...{ key: id, value: 'v', offset: 0, timestamp },
      headers: { [H.id]: id, [H.origin]: `${origin}`, [H.attempt]: '1', [H.dueAt]: '0' },
    });
  const reset = (timestamp: number) => {
    const uuid = '0198c2e5-7a10-7c3e-9f00-000000000000';
    const ids = { id: uuid, operation: uuid, action: 'reset', result: 'applied' } as const;
    const { headers } = encodeAnswer({ ...ids, reason: '', offset: 0, target: undefined }, null);
    return inRecord({ key: null, value: null, offset: 1, timestamp, headers });
  };

  test.each<[what: string, recorded: Recorded, reached: boolean]>([
    ['a flood of rejects', flood([1_000, 2_000, 3_000]), true],
    ['one that is long ago: nobody has reset it', flood([1_000, 2_000, 3_000, 4_000]), true],
    ['fewer than are allowed', flood([1_000, 2_000]), false],
    ['as many over a longer time', flood([1_000, 2_000, 70_000]), false],
    ['attempts that are used up, which it tries again by itself', flood([1, 2, 3], 'retry-exhausted'), false],
    ['one that was reset', { ...flood([1_000, 2_000, 3_000]), control: [reset(5_000)] }, false],
    ['one after a reset', { ...flood([1_000, 2_000, 3_000]), control: [reset(500)] }, true],
  ])('has reached its dead-letter limit: %s', async (_, recorded, reached) => {
    const report = await auditRecorded(recorded, { limit: LIMIT });
    expect([report.found, report.limits]).toEqual([{}, reached ? [{ partition: 0, ...LIMIT }] : []]);
    expect(auditText(report).includes(TEXT)).toBe(reached);
  });

  test('holds nothing back where nothing is outstanding', async () => {
    const h = { ...flood([1_000, 2_000, 3_000]), retry: [], committed: 3 };
    expect((await auditRecorded(h, { limit: LIMIT })).limits).toEqual([]);
  });

  test('is not looked at for a key that it does not have', async () => {
    const report = await auditRecorded(flood([1_000, 2_000, 3_000]), { limit: LIMIT, key: 'none' });
    expect(report.limits).toEqual([]);
  });

  const stopped = (o: Parameters<typeof auditRecorded>[1], committed: bigint) =>
    auditRecorded(tenHours(), o, 1, 0, 1, {
      offset: () =>
        Promise.resolve({
          committed,
          metadata: { kind: 'commit', mark: { epoch: 0, last: {} }, note: undefined },
        }),
      wait: () => Promise.resolve(),
      late: () => new Promise(() => undefined),
    });

  test('that would stop is found with its code', async () => {
    const report = await stopped({}, 12n);
    expect(report.found).toEqual({ stopped: 1 });
    expect(report.findings).toEqual([
      expect.objectContaining({
        kind: 'stopped',
        at: 'words-0@12',
        detail: expect.stringMatching(/ \[OFFSET_\w+\]$/),
      }),
    ]);
    expect(auditText(report)).toContain('docs/how-to/offsets.md');
    expect((await stopped({ maxFindings: 0 }, 12n)).findings).toEqual([]);
  });

  test('that would go on is not', async () => {
    expect((await stopped({}, 10n)).found).toEqual({});
  });
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
