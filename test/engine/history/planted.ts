import type { Planted } from './world.ts';
import { PLANTED_IN_COMMANDS } from './planted-commands.ts';
import { PLANTED_IN_LOGS } from './planted-logs.ts';
import { PLANTED_IN_NEIGHBORS } from './planted-neighbors.ts';
import { PLANTED_IN_PLAIN } from './planted-plain.ts';
import { PLANTED_IN_SIZES } from './planted-sizes.ts';
import { PLANTED_IN_STATE } from './planted-state.ts';
import { PLANTED_IN_TRANSACTIONS } from './planted-transactions.ts';

/** Each switches off one rule of the design. All of them must be noticed. */
export const PLANTED: readonly Planted[] = [
  ...PLANTED_IN_TRANSACTIONS,
  ...PLANTED_IN_LOGS,
  ...PLANTED_IN_STATE,
  ...PLANTED_IN_PLAIN,
  ...PLANTED_IN_SIZES,
  ...PLANTED_IN_COMMANDS,
  ...PLANTED_IN_NEIGHBORS,
];
