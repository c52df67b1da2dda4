import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { partsText, readLines, stallParts } from './stall-parts.ts';

const BEGUN = Date.parse('2026-01-01T00:00:00Z');
const line = (ms: number, message: string, more: object = {}) => ({
  time: new Date(BEGUN + ms).toISOString(),
  ...{ pid: 1, message, ...more },
});
const joined = (ms: number, took: number, pid = 1) => line(ms, 'the group has joined', { ms: took, pid });
const restored = (ms: number, task: number, pid = 1) =>
  line(ms, 'task restored', { task, pid, fencedMs: 20, restoredMs: 30 });

test('all of a stall is told, part by part', () => {
  const lines = [
    restored(5_200, 3),
    joined(5_150, 100),
    joined(5_149, 7, 2),
    restored(5_300, 4),
    joined(900, 5),
  ];
  const parts = stallParts(lines, 3, BEGUN, BEGUN + 5_500);
  expect(parts).toEqual({ notice: 5_050, join: 100, fence: 20, restore: 30, work: 300 });
  expect(partsText(parts!)).toContain('5050 ms until the group met, 100 join');
});

test('the last to take the task over counts, and a join that began before the stall counts from its begin', () => {
  const lines = [joined(100, 400), restored(160, 3), restored(3_000, 3, 9)];
  expect(stallParts(lines, 3, BEGUN, BEGUN + 200)).toMatchObject({ notice: 0, join: 110, work: 40 });
  expect(stallParts(lines, 3, BEGUN, BEGUN + 4_000)).toMatchObject({ notice: 2_950, join: 0, work: 1_000 });
  expect(stallParts(lines, 5, BEGUN, BEGUN + 4_000)).toBeUndefined();
});

test('lines that were cut off by a kill are left out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-parts-'));
  try {
    const whole = restored(10, 1);
    await writeFile(join(folder, 'processor-0.log'), `${JSON.stringify(whole)}\nnot JSON\n{"level":"inf`);
    await writeFile(join(folder, 'edge-0.log'), `${JSON.stringify(whole)}\n`);
    expect(await readLines(folder)).toEqual([whole]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
