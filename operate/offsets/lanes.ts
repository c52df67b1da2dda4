import type { LiveEntry } from '@verdikt/engine/restore/live-entries.ts';

/** What the retry partition of a task says of its lanes. */
export interface LaneSummary {
  readonly records: number;
  readonly keys: number;
  /** Heads whose time has come. */
  readonly due: number;
  /** How long the first of them has been due; 0: none is. */
  readonly overdueMs: number;
  readonly parkedKeys: number;
  /** How long the oldest parked record has waited; 0: none is parked. */
  readonly parkedMs: number;
  /** Parked records by reason. */
  readonly parkedFor: ReadonlyMap<string, number>;
}

/** `live`: by origin, then redrive count, so that the first of a key is the head of its lane. */
export const lanesOf = (live: readonly LiveEntry[], now: number): LaneSummary => {
  const seen = new Set<string>();
  const parked = new Set<string>();
  const parkedFor = new Map<string, number>();
  let [keys, due, dueAt, parkedAt] = [0, 0, now, now];
  for (const e of live) {
    const lane = e.key ?? `\0${e.origin} ${e.redrive}`;
    if (e.parkedAt > 0) {
      parked.add(lane);
      parkedFor.set(e.parkedFor, (parkedFor.get(e.parkedFor) ?? 0) + 1);
      parkedAt = Math.min(parkedAt, e.parkedAt);
    }
    if (seen.has(lane)) continue;
    seen.add(lane);
    keys++;
    if (e.parkedAt > 0 || e.dueAt > now) continue;
    due++;
    // Without a time it was due as soon as it was written, which may be now.
    if (e.dueAt > 0) dueAt = Math.min(dueAt, e.dueAt);
  }
  return {
    ...{ records: live.length, keys, due, overdueMs: now - dueAt },
    ...{ parkedKeys: parked.size, parkedMs: now - parkedAt, parkedFor },
  };
};
