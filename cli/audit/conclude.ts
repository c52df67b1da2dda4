import * as c from './columns.ts';
import { orderOfKey, type OrderBounds } from './key-order.ts';
import { hash53, type PartitionAudit } from './partition-audit.ts';

interface Verge extends OrderBounds {
  /** End of `words`, asked for after everything was read. */
  readonly wordsEnd: number;
  readonly now: number;
  /** Outstanding for longer than this is blocked. */
  readonly maxAgeMs: number;
  /** Two ends of one submission closer than this are one too many; 0: the same id may end as often as it is sent. */
  readonly dedupWindowMs: number;
  /** Submissions written before this may have ended out of sight. Milliseconds since 1970; -Infinity: all is in sight. */
  readonly inSightSince: number;
}

/** Finds what no single record shows: call it once, when all has been taken in. */
export const conclude = (a: PartitionAudit, v: Verge): void => {
  for (const { origin, at } of a.beyond)
    if (origin >= v.wordsEnd)
      a.find('foreign', at, origin, `names origin ${origin}; words ends at ${v.wordsEnd}`);
  copies(a, v);
  rows(a, v);
  for (const { kind, origin, redrive, at } of a.redriven.contradictions())
    a.find(kind, at, origin, `of redrive ${redrive}`);
  const { columns: t } = a;
  const looked = c.ENDED | c.LIVE | c.WORD | c.REDRIVEN;
  const byKey = t.sortedBy(t.key0, looked, c.KEYLESS | c.LEFT_OUT | c.COPY);
  eachKey(byKey, t, (group) => orderOfKey(a, group, v));
};

const eachKey = (rows: Uint32Array, t: c.Columns, visit: (rows: ArrayLike<number>) => void): void =>
  c.eachGroup(rows, t.key0, t.key1, false, visit);

/** Clocks of edges and brokers differ by less. */
const CLOCKS_MS = 60_000;

/** The same submission under several offsets: one of them ends, the others stand for it. */
const copies = (a: PartitionAudit, v: Verge): void => {
  if (v.dedupWindowMs === 0) return;
  const { columns: t } = a;
  const { flags } = t;
  const sorted = t.sortedBy(t.id0, c.KNOWN, c.LEFT_OUT);
  c.eachGroup(sorted, t.id0, t.id1, false, (group) => {
    let ended = -1;
    let lives = false;
    for (let i = 0; i < group.length; i++) {
      const row = group[i];
      lives ||= (flags[row] & (c.LIVE | c.REDRIVEN)) !== 0;
      if ((flags[row] & c.ENDED) === 0) continue;
      if (ended >= 0 && Math.abs(t.timeOf(row) - t.timeOf(ended)) < v.dedupWindowMs)
        a.find(
          'doubled',
          a.endPlace(row),
          row + t.base,
          `the same submission, sent again, has ended at ${a.endPlace(ended)}`,
        );
      ended = row;
    }
    for (let i = 0; i < group.length; i++) {
      const row = group[i];
      if ((flags[row] & (c.ENDED | c.LIVE)) !== 0) continue;
      // None of them is over: the first one is the submission, which is lost or pending.
      if (lives || (ended < 0 ? i > 0 : remembered(t, group, row, v))) flags[row] |= c.COPY;
    }
  });
};

/** True when another one had ended, or was about to, while it was within the dedup window of this one. */
const remembered = (t: c.Columns, group: ArrayLike<number>, row: number, v: Verge): boolean => {
  for (let i = 0; i < group.length; i++) {
    const other = group[i];
    if ((t.flags[other] & c.ENDED) === 0) continue;
    if (t.timeOf(row) <= t.timeOf(other) + v.dedupWindowMs + CLOCKS_MS) return true;
  }
  return false;
};

const rows = (a: PartitionAudit, v: Verge): void => {
  const { columns: t, counts } = a;
  const { committed } = a;
  for (let row = 0; row < t.size; row++) {
    const f = t.flags[row];
    if (f === 0 || (f & c.LEFT_OUT) !== 0) continue;
    const origin = row + t.base;
    if ((f & c.LIVE) !== 0) {
      if ((f & c.ENDED) === 0) waiting(a, v, row, origin);
      else if ((f & c.LATE_END) === 0)
        a.find('ended-in-lane', retryPlace(a, origin), origin, `has ended at ${a.endPlace(row)}`);
      continue;
    }
    if ((f & c.ENDED) !== 0 || (f & c.REDRIVEN) !== 0) {
      redrivenWaiting(a, origin, f);
      continue;
    }
    if ((f & c.COPY) !== 0 || (v.dedupWindowMs > 0 && a.before.has(hash53(t.id0[row], t.id1[row])))) {
      t.flags[row] |= c.COPY;
      counts.duplicates++;
      continue;
    }
    if ((f & c.COMPLETED) !== 0) {
      if ((f & c.LATE_COMPLETION) !== 0) continue;
      if (t.timeOf(row) < v.inSightSince) counts.unknown++;
      else
        a.find(
          'completed-unended',
          retryPlace(a, origin),
          origin,
          'completed, and neither verdict nor dead letter',
        );
    } else if ((f & c.WORD) === 0) continue;
    else if (origin >= committed) {
      counts.pending++;
      if (v.now - t.timeOf(row) > v.maxAgeMs)
        a.find(
          'blocked',
          a.place('words', origin),
          origin,
          `not read by the group for ${ago(v, t.timeOf(row))}`,
        );
    } else if (t.timeOf(row) < v.inSightSince) counts.unknown++;
    else
      a.find(
        'lost',
        a.place('words', origin),
        origin,
        `below the committed offset ${committed}, and neither verdict, dead letter nor retry entry`,
      );
  }
};

const waiting = (a: PartitionAudit, v: Verge, row: number, origin: number): void => {
  const { columns: t } = a;
  a.counts.outstanding++;
  if ((t.flags[row] & c.PARKED) !== 0)
    a.find('parked', retryPlace(a, origin), origin, 'waits for an operator');
  else if (v.now - t.timeOf(row) > v.maxAgeMs)
    a.find('blocked', retryPlace(a, origin), origin, `outstanding for ${ago(v, t.timeOf(row))}`);
};

const redrivenWaiting = (a: PartitionAudit, origin: number, f: number): void => {
  if ((f & c.REDRIVEN) === 0) return;
  const run = a.redriven.outstanding(origin);
  if (run === undefined) return;
  a.counts.outstanding++;
  if (run.parked) a.find('parked', run.at, origin, 'waits for an operator, redriven');
};

const retryPlace = (a: PartitionAudit, origin: number): string => {
  const offset = a.retryAt.get(origin);
  return offset === undefined ? a.place('words', origin) : a.place('retry', offset);
};

const ago = (v: Verge, time: number): string => `${Math.round((v.now - time) / 1000)} s`;
