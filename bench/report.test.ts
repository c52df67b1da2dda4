import { expect, test } from '@jest/globals';
import type { Measured } from './measure.ts';
import { median, table } from './report.ts';

const run = (cell: string, recordsPerSecond: number, exact = true): Measured => ({
  cell,
  run: 1,
  records: 1,
  seconds: 1,
  recordsPerSecond,
  workerCpuSecondsPerMillion: 10,
  storeCpuSecondsPerMillion: 5,
  peakRssMiB: 100,
  bytesOnDisk: cell === 'a' ? 330 : undefined,
  delivery: { expected: 1, missing: 0, duplicated: 0, unexpected: 0, outOfOrder: 0, wrong: 0 },
  exact,
  ranOut: false,
});
const titles = new Map([
  ['a', 'Peer A'],
  ['b', 'Peer B'],
]);

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 2, 3], 2.5],
])('the median of %j', (numbers, value) => expect(median(numbers)).toBe(value));

test('shows medians with their range, and each cell against the first', () => {
  const rows = table(titles, [run('a', 1_000), run('a', 3_000), run('a', 2_000), run('b', 4_000)]).split(
    '\n',
  );
  expect(rows[1]).toMatch(/^Peer A\s+2,000\s+\(1,000 to 3,000\)\s+10\.0\s+5\.0\s+100\s+330\s+3\/3\s+1\.00x$/);
  expect(rows[2]).toMatch(/^Peer B\s+4,000\s.*2\.00x$/);
});

test('a run that was not exact has no speed', () => {
  const rows = table(titles, [run('a', 9_000, false), run('a', 1_000), run('b', 5_000, false)]).split('\n');
  expect(rows[1]).toMatch(/1,000\s+\(1,000 to 1,000\).*1\/2/);
  expect(rows[2]).toMatch(/^Peer B\s+none\s+0\/1$/);
});
