import type { FaultKind } from './faults.ts';
import type { Reached } from './process.ts';

/** What came of one history. */
export interface HistoryResult {
  readonly seed: number;
  /** What went wrong, as texts; empty: nothing. */
  readonly violations: readonly string[];
  readonly steps: number;
  readonly reached: ReadonlySet<Reached>;
  /** What went wrong by drawing, and how often. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How long it took on its own clock. */
  readonly virtualMs: number;
  /** What happened, step by step; only where asked for. */
  readonly trace: readonly string[];
}
