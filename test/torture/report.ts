import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { machineOf } from '../support/machine.ts';
import { reportPage } from './page.ts';
import type { PlantedRun } from './planted/bug.ts';
import type { CellRun } from './run-cell.ts';

/** What report.json holds. */
interface Report {
  readonly runs: readonly CellRun[];
  readonly planted: readonly PlantedRun[];
  /** Of a run of all cells: the commit that all of it tells of. */
  readonly commit?: string;
  readonly machine?: string;
}

export const EMPTY: Report = { runs: [], planted: [] };

/**
 * `before` with what is new: the latest run of a cell, or of a planted bug, takes the place of earlier ones. Cells by number,
 * planted bugs in the order of their first run.
 */
export const merged = (before: Report, now: Report): Report => {
  const numbers = new Set(now.runs.map((r) => r.number));
  const names = new Map(now.planted.map((p) => [p.name, p]));
  const known = new Set(before.planted.map((p) => p.name));
  return {
    runs: [...before.runs.filter((r) => !numbers.has(r.number)), ...now.runs].sort(
      (a, b) => a.number - b.number,
    ),
    planted: [
      ...before.planted.map((p) => names.get(p.name) ?? p),
      ...[...names.values()].filter((p) => !known.has(p.name)),
    ],
  };
};

/** The report in that folder; empty where there is none. */
export const readReport = async (folder: string): Promise<Report> => {
  const text = await readFile(join(folder, 'report.json'), 'utf8').catch((e: NodeJS.ErrnoException) => {
    if (e.code === 'ENOENT') return undefined;
    throw e;
  });
  return text === undefined ? EMPTY : { ...EMPTY, ...(JSON.parse(text) as Partial<Report>) };
};

/** Writes report.json and report.html. `commit`: all of it tells of that one. */
export const writeReport = async (folder: string, of: Report, commit?: string): Promise<void> => {
  const report: Report = commit === undefined ? of : { commit, machine: machineOf(), ...of };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 1)}\n`);
  await writeFile(join(folder, 'report.html'), reportPage(report.runs, report.planted));
};
