import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keep, markdown, readKept, tells, valid, type Kept, type Settings } from './kept.ts';
import type { CellRun } from './run-cell.ts';

const result = (number: number, more: Partial<Kept> = {}, run: Partial<CellRun> = {}): Kept => ({
  ...{ commit: 'abc', machine: 'a machine', seed: 7, settings: { atOnce: 1 } },
  ...more,
  run: {
    ...{ number, name: `cell ${number}`, holds: 'it', seed: 7, words: 10, accepted: 10, ms: 1 },
    ...{ results: 10, deadLetters: 0, marks: [], throughput: [], stalls: [], findings: [], peakMiB: 150 },
    ...run,
  },
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verdikt-kept-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('what was kept is read again, by number; a later result of a cell takes the place of the earlier one', async () => {
  expect(await readKept(folder, 'abc')).toEqual([]);
  await keep(folder, result(10));
  await keep(folder, result(2, { seed: 6 }));
  await keep(folder, result(2));
  expect((await readKept(folder, 'abc')).map((k) => [k.run.number, k.seed])).toEqual([
    [2, 7],
    [10, 7],
  ]);
});

test('results of two commits are never mixed', async () => {
  await keep(folder, result(1));
  await expect(readKept(folder, 'def')).rejects.toThrow('has results of commit abc, and this is def');
});

test('a result counts for its seed and settings alone', () => {
  const all = [result(1), result(2, { seed: 8 }), result(3, { settings: { atOnce: 1, words: 5 } })];
  const two = [result(4, { settings: { atOnce: 2 } }), result(5, { settings: { atOnce: 2 } }), result(6)];
  const settingsOf = (n: number): Settings | undefined => (n === 6 ? undefined : { atOnce: n === 5 ? 2 : 1 });
  expect(valid([...all, ...two], 7, settingsOf).map((k) => k.run.number)).toEqual([1, 5]);
});

test('a cell that could not be run has no result', () => {
  expect(tells(result(1, {}, { findings: [{ law: 'order', detail: 'x' }] }).run)).toBe(true);
  expect(tells(result(1, {}, { findings: [{ law: 'harness', detail: 'x' }] }).run)).toBe(false);
});

test('the table tells commit, machine, seeds, words, violations, stalls and memory', () => {
  const bad = { findings: [{ law: 'order', detail: 'x' }], stalls: [{ partition: 0, at: 0, ms: 1_500 }] };
  const text = markdown(
    [result(1), result(2, { settings: { atOnce: 2 } }, { ...bad, unlimited: 'no rights' })],
    40,
  );
  expect(text).toContain('Commit abc. 2 of 40 cells, 1 with violations, 20 words.');
  expect(text).toContain('a machine');
  expect(text).toContain('not limited in memory: no rights');
  expect(text).toContain('| 2 | cell 2 | 10 | 7 | **1** (order) | 1.5 s † | 150 MiB |');
});
