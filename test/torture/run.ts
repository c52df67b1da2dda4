import type { Cell } from './cell.ts';
import { runCell, type CellRun } from './run-cell.ts';
import { runVolume } from './run-volume.ts';
import type { RunOptions } from './set-up.ts';

/** Runs a cell of either kind. */
export const run = (cell: Cell, o: RunOptions): Promise<CellRun> =>
  cell.volume === undefined ? runCell(cell, o) : runVolume(cell, cell.volume, o);
