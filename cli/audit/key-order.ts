import * as c from './columns.ts';
import type { PartitionAudit } from './partition-audit.ts';

export interface OrderBounds {
  /**
   * Verdicts and dead letters lie in two topics, so only their append times can be compared. Up to this difference counts as
   * together: one transaction writes both, and clocks of brokers differ.
   */
  readonly togetherMs: number;
}

/** Judges the records of one key, in order of origin: each end behind those of all older records, and nobody overtaken. */
export const orderOfKey = (a: PartitionAudit, rows: ArrayLike<number>, v: OrderBounds): void => {
  const { columns: t } = a;
  const { flags, at } = t;
  // The furthest end of each topic so far, and the first record that is outstanding.
  let result = -1;
  let dead = -1;
  let waits = -1;
  let parked = -1;
  let behind = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const f = flags[row];
    const origin = row + t.base;
    if ((f & c.ENDED) === 0) {
      if (parked >= 0) behind++;
      if ((f & c.PARKED) !== 0 && parked < 0) parked = row;
      // What was completed or lost without an end is reported as such.
      if (waits < 0 && ((f & c.LIVE) !== 0 || isPending(a, f, origin))) waits = row;
      continue;
    }
    if (waits >= 0 && (f & c.LATE_END) === 0)
      a.find(
        'overtaken',
        a.endPlace(row),
        origin,
        `origin ${waits + t.base} of its key is older and has not ended`,
      );
    const isDead = (f & c.DEAD) !== 0;
    const same = isDead ? dead : result;
    const other = isDead ? result : dead;
    if (same >= 0 && at[same] > at[row])
      a.find(
        'out-of-order',
        a.endPlace(row),
        origin,
        `stands before ${a.endPlace(same)} of origin ${same + t.base}, which is older`,
      );
    else if (other >= 0 && t.timeOf(other) > t.timeOf(row) + v.togetherMs)
      a.find(
        'out-of-order',
        a.endPlace(row),
        origin,
        `written ${t.timeOf(other) - t.timeOf(row)} ms before ${a.endPlace(other)} of origin ${other + t.base}, which is older`,
      );
    if (isDead) {
      if (dead < 0 || at[row] > at[dead]) dead = row;
    } else if (result < 0 || at[row] > at[result]) result = row;
  }
  if (behind > 0)
    a.find(
      'blocked',
      a.place('words', parked + t.base),
      parked + t.base,
      `parked, and ${behind} of its key wait behind it`,
    );
};

const isPending = (a: PartitionAudit, f: number, origin: number): boolean =>
  (f & c.WORD) !== 0 && (f & (c.COMPLETED | c.REDRIVEN)) === 0 && origin >= a.committed;
