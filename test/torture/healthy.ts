import type { Seen } from './observer.ts';

/** A time in which something was wrong with some partitions only; milliseconds since 1970. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly but: readonly number[];
}

/** Partitions that had nothing to do with what was wrong, and in which nothing ended for longer than `maxMs` meanwhile. */
export const stoodStill = (
  seen: readonly Seen[],
  partitions: number,
  windows: readonly Window[],
  maxMs: number,
): string[] =>
  windows.flatMap(({ from, to, but }) => {
    const times = Array.from({ length: partitions }, (): number[] => [from]);
    for (const { record: r, source = 0 } of seen)
      if (source === 0 && r.timestamp >= from && r.timestamp <= to && r.partition < partitions)
        times[r.partition].push(r.timestamp);
    return times.flatMap((list, partition) => {
      if (but.includes(partition)) return [];
      list.push(to);
      list.sort((a, b) => a - b);
      const worst = list.reduce((most, at, i) => (i === 0 ? most : Math.max(most, at - list[i - 1])), 0);
      return worst > maxMs
        ? [`partition ${partition} stood still for ${worst} ms while only ${but.join(', ')} had reason to`]
        : [];
    });
  });
