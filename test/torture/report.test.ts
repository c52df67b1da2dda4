import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PlantedRun } from './planted/bug.ts';
import { EMPTY, merged, readReport, writeReport } from './report.ts';
import type { CellRun } from './run-cell.ts';

const cell = (number: number, seed: number): CellRun => ({
  ...{ number, name: `cell ${number}`, holds: 'nothing', seed, words: 1, accepted: 1, ms: 1 },
  ...{ results: 1, deadLetters: 0, marks: [], throughput: [], stalls: [], findings: [] },
});
const bug = (name: string, seed: number): PlantedRun => ({
  ...{ name, control: false, what: 'it', workload: 'lanes', seed, ms: 1, counts: {}, passed: true },
});

test('the latest run of a cell or bug takes the place of the earlier ones, all others stay', () => {
  const before = { runs: [cell(1, 1), cell(1, 2), cell(3, 1)], planted: [bug('a', 1), bug('b', 1)] };
  const after = merged(before, { runs: [cell(2, 9), cell(1, 9)], planted: [bug('c', 9), bug('a', 9)] });
  expect(after.runs.map((r) => [r.number, r.seed])).toEqual([
    [1, 9],
    [2, 9],
    [3, 1],
  ]);
  expect(after.planted.map((p) => [p.name, p.seed])).toEqual([
    ['a', 9],
    ['b', 1],
    ['c', 9],
  ]);
});

test('several runs of one cell in one go all count', () => {
  expect(merged(EMPTY, { runs: [cell(1, 1), cell(1, 2)], planted: [] }).runs).toHaveLength(2);
});

test('what is written is read again; nothing there is an empty report', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-report-'));
  try {
    expect(await readReport(folder)).toEqual(EMPTY);
    const report = { runs: [cell(1, 1)], planted: [bug('a', 1)] };
    await writeReport(folder, report);
    expect(await readReport(folder)).toEqual(report);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('cell 1');
  } finally {
    await rm(folder, { recursive: true });
  }
});
