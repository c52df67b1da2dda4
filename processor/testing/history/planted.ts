import type { Steps } from '../steps.ts';
import { PLANTED_IN_COMMANDS } from './planted-commands.ts';
import { PLANTED_IN_LOGS } from './planted-logs.ts';
import { PLANTED_IN_NEIGHBORS } from './planted-neighbors.ts';
import { PLANTED_IN_SIZES } from './planted-sizes.ts';
import { PLANTED_IN_STATE } from './planted-state.ts';
import { PLANTED_IN_TRANSACTIONS } from './planted-transactions.ts';
import type { Ports, World } from './process.ts';

export type Replace = (own: Ports, world: World, steps: Steps, process: string) => Ports;

/** A defect put in on purpose, to see that the histories notice it. */
export interface Planted {
  readonly name: string;
  /** Replaces ports of every process. */
  readonly ports?: Replace;
  /** Changes code in place for as long as the history runs; returns what undoes it. */
  readonly patch?: () => () => void;
}

/** Each switches off one rule of the design. All of them must be noticed. */
export const PLANTED: readonly Planted[] = [
  ...PLANTED_IN_TRANSACTIONS,
  ...PLANTED_IN_LOGS,
  ...PLANTED_IN_STATE,
  ...PLANTED_IN_SIZES,
  ...PLANTED_IN_COMMANDS,
  ...PLANTED_IN_NEIGHBORS,
];
