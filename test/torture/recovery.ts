import type { Seen } from './observer.ts';
import type { Mark } from './cell.ts';
import type { Stall } from './stall.ts';

/**
 * The longest pause of each partition before an end, longest first. `from` and `to` (ms since 1970) bound the time in which there was
 * work for all of them: the first pause begins with `from`, the last one counts to its end. Where one of `marks` struck the owner of
 * the partition, the pause counts from the last that did.
 */
export const stalls = (
  seen: readonly Seen[],
  from: number,
  to: number,
  marks: readonly Mark[] = [],
): Stall[] => {
  const times = new Map<number, number[]>();
  for (const { record } of seen) {
    if (record.timestamp < from) continue;
    const list = times.get(record.partition);
    if (list === undefined) times.set(record.partition, [record.timestamp]);
    else list.push(record.timestamp);
  }
  const out: Stall[] = [];
  for (const [partition, list] of times) {
    list.sort((a, b) => a - b);
    const struck = marks.filter((m) => m.partitions?.includes(partition) === true).map((m) => from + m.at);
    let worst = { at: 0, ms: 0 };
    let last = from;
    for (const end of list) {
      if (last > to) break;
      const since = struck.findLast((at) => at > last && at < end) ?? last;
      if (end - since > worst.ms) worst = { at: since - from, ms: end - since };
      last = end;
    }
    out.push({ partition, ...worst });
  }
  return out.sort((a, b) => b.ms - a.ms);
};

/** Ends per second since `from`, over both topics. */
export const perSecond = (seen: readonly Seen[], from: number): number[] => {
  const counts: number[] = [];
  for (const { record } of seen) {
    const second = Math.floor((record.timestamp - from) / 1_000);
    if (second >= 0) counts[second] = (counts[second] ?? 0) + 1;
  }
  return Array.from(counts, (n) => n ?? 0);
};

/** Time from the last `healed` to the first end after it; undefined when nothing was healed or nothing ended after. */
export const progressAfterHeal = (
  seen: readonly Seen[],
  marks: readonly Mark[],
  from: number,
): number | undefined => {
  const healed = marks.filter((m) => m.kind === 'healed').at(-1);
  if (healed === undefined) return undefined;
  const after = seen.map((s) => s.record.timestamp - from - healed.at).filter((ms) => ms >= 0);
  return after.length === 0 ? undefined : after.reduce((a, b) => Math.min(a, b));
};
