import type { Cell } from '../cell.ts';
import { deposedCells } from '../cells/deposed.ts';
import { logCells } from '../cells/logs.ts';
import { neighborCells } from '../cells/neighbors.ts';
import { PATIENT_CHECK } from './common.ts';

const WORDS = 5_000;

/** Cells of the table whose faults nothing shorter has; their load lasts as long as the faults do. */
export const [logsCell, besideCell, deposedCell]: readonly Cell[] = [
  logCells,
  neighborCells,
  deposedCells,
].map(([cell]) => ({ ...cell, words: WORDS, check: PATIENT_CHECK }));
