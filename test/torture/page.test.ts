import { describe, expect, test } from '@jest/globals';
import { reportPage } from './page.ts';
import { judged, type Bug } from './planted/bug.ts';
import type { CellRun } from './run-cell.ts';

const run = (more: Partial<CellRun> = {}): CellRun => ({
  ...{
    number: 4,
    name: 'a <b> "fault"',
    holds: 'order & all',
    seed: 7,
    words: 10,
    accepted: 12_345,
    ms: 3_000,
  },
  ...{ results: 9, deadLetters: 1, throughput: [1, 0, 5], findings: [], stalls: [], marks: [] },
  ...more,
});

/** Cells of the table, row by row. */
const table = (page: string): string[][] =>
  [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, text]) => text),
  );

const LAW_HEADS = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8', 'I9', 'I10'];

describe('the report page', () => {
  test('counts every law for every run, zero as well', () => {
    const findings = ['order', 'order', 'no-loss', 'standstill', 'liveness', 'cell'].map((law) => ({
      law,
      detail: 'it is so',
    }));
    const [head, good, bad] = table(reportPage([run(), run({ findings })]));
    const columns = (row: readonly string[]): string[] => head.map((name, i) => `${name} ${row[i]}`);
    expect(head.slice(3, 13)).toEqual(LAW_HEADS);
    expect(columns(good)).toEqual(expect.arrayContaining([...LAW_HEADS.map((l) => `${l} 0`), 'claims 0']));
    expect(columns(bad)).toEqual(
      expect.arrayContaining(['I1 1', 'I2 0', 'I3 2', 'I4 0', 'I10 2', 'claims 1', 'harness 0']),
    );
  });

  test('tells the longest stall and the progress after the last repair, where there was one', () => {
    const stalls = [{ partition: 1, at: 0, ms: 8_250 }];
    const [head, one, other] = table(reportPage([run({ stalls, progressAfterHealMs: 40 }), run()]));
    expect(head.slice(-2)).toEqual(['longest stall', 'progress after heal']);
    expect(one.slice(-2)).toEqual(['8.3 s', '0.0 s']);
    expect(other.slice(-2)).toEqual(['–', '–']);
  });

  test('holds what runs say as text, and nothing that a browser would run or fetch', () => {
    const marks = [{ at: 1_000, kind: 'fault', text: '<script>x</script>' }] as const;
    const page = reportPage([run({ marks, findings: [{ law: 'cell', detail: '<img src="x">' }] })]);
    expect(page).toContain('a &lt;b&gt; &quot;fault&quot;');
    expect(page).toContain('&lt;img src=&quot;x&quot;&gt;');
    expect(page).not.toMatch(/<(script|img|link|iframe|object)|\s(src|href|on\w+)="|url\(/);
  });

  test('tells how many findings it leaves out', () => {
    const findings = Array.from({ length: 53 }, () => ({ law: 'order', detail: 'late' }));
    expect(reportPage([run({ findings })])).toContain('and 3 more');
  });
});

describe('planted bugs on the page', () => {
  const bug: Bug = { name: 'a-bug', what: 'what is wrong', workload: 'lanes', edits: [] };
  const loss = { law: 'no-loss', detail: 'id-1 is gone' };
  const late = { law: 'liveness', detail: 'nothing ended' };
  const rows = (...planted: ReturnType<typeof judged>[]): string[][] =>
    table(reportPage([], planted)).slice(1);

  test('is caught by the law that tells most', () => {
    expect(rows(judged(run({ findings: [late, loss] }), 'lanes', bug))).toEqual([
      ['a-bug', 'what is wrong', 'lanes', 'caught by no-loss: id-1 is gone', 'liveness: 1, no-loss: 1'],
    ]);
  });

  test('is not caught without a finding, nor where services did not start', () => {
    const broken = run({ findings: [{ law: 'harness', detail: 'no edge' }] });
    expect(rows(judged(run(), 'lanes', bug), judged(broken, 'lanes', bug)).map((r) => r[3])).toEqual([
      'NOT CAUGHT',
      'NOT CAUGHT (harness: no edge)',
    ]);
  });

  test('counts bugs and controls apart, and a control fails by any finding', () => {
    const page = reportPage(
      [],
      [
        judged(run(), 'lanes'),
        judged(run({ findings: [loss] }), 'again'),
        judged(run({ findings: [loss] }), 'lanes', bug),
        judged(run(), 'lanes', bug),
      ],
    );
    expect(page).toContain('1 of 2 faults');
    expect(page).toContain('1 of 2 workloads');
    expect(page).toContain('FAILED, no-loss: id-1 is gone');
  });
});
