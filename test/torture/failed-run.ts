import type { Cell } from './cell.ts';
import type { CellRun } from './run-cell.ts';

/** This machine cannot run a cell, which says nothing of what the cell tests. */
export class NotRun extends Error {}

/** The run of a cell that could not be carried out: says something of the harness, and nothing of the laws. */
export const failedRun = (cell: Cell, seed: number, e: unknown): CellRun => ({
  ...{ number: cell.number, name: cell.name, holds: cell.holds, seed, words: 0, accepted: 0, ms: 0 },
  ...{ results: 0, deadLetters: 0, marks: [], throughput: [], stalls: [] },
  ...(e instanceof NotRun
    ? { notRun: e.message, findings: [] }
    : { findings: [{ law: 'harness', detail: e instanceof Error ? (e.stack ?? e.message) : String(e) }] }),
});
