import type { Measured } from './measure.ts';

export const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

const whole = (n: number): string => Math.round(n).toLocaleString('en-US');
const one = (n: number): string => n.toFixed(1);

/** One row per cell: medians, the range of the rates, and the rate against that of the first cell. */
export const table = (titles: ReadonlyMap<string, string>, all: readonly Measured[]): string => {
  const head = [
    'cell',
    'records/s',
    '(range)',
    'CPU s per M',
    'store CPU s per M',
    'peak MiB',
    'bytes on disk',
    'exact',
    'against first',
  ];
  const rows: string[][] = [];
  let first: number | undefined;
  for (const [cell, title] of titles) {
    const runs = all.filter((m) => m.cell === cell);
    // A run that was not exact has no speed.
    const good = runs.filter((m) => m.exact);
    const exact = `${good.length}/${runs.length}`;
    if (good.length === 0) {
      rows.push([title, 'none', '', '', '', '', '', exact, '']);
      continue;
    }
    const rates = good.map((m) => m.recordsPerSecond);
    const rate = median(rates);
    const sizes = good.flatMap((m) => m.bytesOnDisk ?? []);
    first ??= rate;
    rows.push([
      title,
      whole(rate),
      `(${whole(Math.min(...rates))} to ${whole(Math.max(...rates))})`,
      one(median(good.map((m) => m.workerCpuSecondsPerMillion))),
      one(median(good.map((m) => m.storeCpuSecondsPerMillion))),
      whole(median(good.map((m) => m.peakRssMiB))),
      sizes.length === 0 ? '' : whole(median(sizes)),
      exact,
      `${(rate / first).toFixed(rate / first < 0.1 ? 4 : 2)}x`,
    ]);
  }
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, i) => (i === 0 ? c.padEnd(widths[i]) : c.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
};
