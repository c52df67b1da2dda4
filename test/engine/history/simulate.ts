import type { FaultKind } from './faults.ts';
import { runGroupHistory } from './group-history.ts';
import { runHistory } from './history.ts';
import type { HistoryResult } from './result.ts';

/** `task`: processes take one task from each other. `group`: several tasks that a group shares. */
export type HistoryKind = 'task' | 'group';
export const RUN = { task: runHistory, group: runGroupHistory } as const satisfies Record<
  HistoryKind,
  typeof runHistory
>;

/** A seed as it is written: `7`, or `group:7`. */
export const seedName = (kind: HistoryKind, seed: number): string =>
  kind === 'task' ? `${seed}` : `group:${seed}`;

/** Reads what `seedName` writes; undefined for anything else. */
export const parseSeed = (
  text: string,
): { readonly kind: HistoryKind; readonly seed: number } | undefined => {
  const parts = /^(group:)?(\d+)$/.exec(text);
  return parts === null
    ? undefined
    : { kind: parts[1] === undefined ? 'task' : 'group', seed: Number(parts[2]) };
};

interface Tally {
  readonly seeds: number;
  readonly failed: readonly number[];
  /** On the clocks of the histories, all together. */
  readonly virtualMs: number;
  readonly faults: ReadonlyMap<FaultKind, number>;
}

/** Runs the histories of `seeds` seeds from `from` on, one after the other; `each` hears of every one. */
export const simulate = async (
  kind: HistoryKind,
  from: number,
  seeds: number,
  each: (result: HistoryResult) => void = () => undefined,
): Promise<Tally> => {
  const faults = new Map<FaultKind, number>();
  const failed: number[] = [];
  let virtualMs = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const result = await RUN[kind](seed);
    virtualMs += result.virtualMs;
    for (const [fault, n] of result.faults) faults.set(fault, (faults.get(fault) ?? 0) + n);
    if (result.violations.length > 0) failed.push(seed);
    each(result);
  }
  return { seeds, failed, virtualMs, faults };
};
