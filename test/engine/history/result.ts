import type { ManualClock } from '@verdikt/testing/manual-clock.ts';
import type { FaultKind } from './faults.ts';
import type { Reached, World } from './world.ts';
import type { Random } from './random.ts';
import type { Script } from './script.ts';
import type { Turns } from './turns.ts';

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

/** What a history plays on: broker, clock, submissions that arrive, and who watches. */
export interface Stage {
  readonly script: Script;
  readonly random: Random;
  readonly clock: ManualClock;
  readonly turns: Turns;
  readonly world: World;
  /** Anything to arrive? */
  readonly more: () => boolean;
  arrive(): void;
  /** Operators do something, or not. */
  operate(): void;
  /** Everything that arrived has ended. */
  readonly ended: () => boolean;
  /** Lets pass what follows by itself, then looks at the logs, and now and then counts. */
  look(): Promise<void>;
  /** Lets one thing happen. */
  step(): void;
  note(what: string): void;
  /** Something was drawn. */
  count(kind: FaultKind): void;
  readonly wrong: () => boolean;
  /** From now on nothing fails. */
  calm(): void;
  finish(steps: number, over: boolean): HistoryResult;
}
