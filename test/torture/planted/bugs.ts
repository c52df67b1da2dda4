import type { Bug } from './bug.ts';
import { edgeBugs } from './bugs-edge.ts';
import { engineBugs } from './bugs-engine.ts';
import { neighborBugs } from './bugs-neighbors.ts';
import { outageBugs } from './bugs-outages.ts';
import { plainBugs } from './bugs-plain.ts';
import { policyBugs } from './bugs-policy.ts';
import { transactionBugs } from './bugs-transactions.ts';
import { viewBugs } from './bugs-views.ts';

/** All that is planted. */
export const BUGS: readonly Bug[] = [
  ...transactionBugs,
  ...edgeBugs,
  ...engineBugs,
  ...plainBugs,
  ...policyBugs,
  ...neighborBugs,
  ...outageBugs,
  ...viewBugs,
];

/** A few that differ as much as they can, under one workload: for every change. */
export const SHORT: readonly string[] = ['completion-forgotten', 'lane-passed-by', 'attempt-skipped'];
