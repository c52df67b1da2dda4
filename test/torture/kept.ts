import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { CellRun } from './run-cell.ts';

const git = promisify(execFile);
const FILE = /^cell-\d+\.json$/;

/** What decides how a cell runs, beside its seed. */
export interface Settings {
  /** Instead of what the cell says. */
  readonly words?: number;
  readonly atOnce: number;
}

/** A result file. */
export interface Kept {
  readonly commit: string;
  readonly machine: string;
  readonly seed: number;
  readonly settings: Settings;
  readonly run: CellRun;
}

/** The commit that is checked out. Throws where files differ from it: a result would tell of no commit. */
export const commitOf = async (cwd: string): Promise<string> => {
  const { stdout: changed } = await git('git', ['status', '--porcelain', '--untracked-files=no'], { cwd });
  if (changed.trim() !== '') throw new Error('there are changes that are not committed: commit or undo them');
  return (await git('git', ['rev-parse', 'HEAD'], { cwd })).stdout.trim();
};

/** All results in a folder. Throws when one is of another commit. */
export const readKept = async (folder: string, commit: string): Promise<Kept[]> => {
  await mkdir(folder, { recursive: true });
  const names = (await readdir(folder)).filter((name) => FILE.test(name));
  const all = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Kept),
  );
  const other = all.find((k) => k.commit !== commit);
  if (other !== undefined)
    throw new Error(
      `${folder} has results of commit ${other.commit}, and this is ${commit}: use another --out, or check that commit out`,
    );
  return all.sort((a, b) => a.run.number - b.run.number);
};

/** Those that need not be run again: of this seed, and with the settings that their cell would have. */
export const valid = (
  kept: readonly Kept[],
  seed: number,
  settingsOf: (number: number) => Settings | undefined,
): Kept[] => kept.filter((k) => k.seed === seed && isDeepStrictEqual(k.settings, settingsOf(k.run.number)));

/** Whether a run says anything of the cell: one that could not be carried out is tried again. */
export const tells = (run: CellRun): boolean =>
  run.notRun === undefined && run.findings.every((f) => f.law !== 'harness');

export const keep = async (folder: string, kept: Kept): Promise<void> => {
  const file = join(folder, `cell-${String(kept.run.number).padStart(2, '0')}.json`);
  await writeFile(`${file}.new`, `${JSON.stringify(kept, null, 1)}\n`);
  await rename(`${file}.new`, file);
};

const laws = (run: CellRun): string => [...new Set(run.findings.map((f) => f.law))].join(', ');

/** The table of all cells, for people. `total`: cells that there are. */
export const markdown = (kept: readonly Kept[], total: number): string => {
  const rows = kept.map(({ seed, settings, run: r }) => {
    const found = r.findings.length === 0 ? '0' : `**${r.findings.length}** (${laws(r)})`;
    const stall = ((r.stalls[0]?.ms ?? 0) / 1_000).toFixed(1);
    return `| ${r.number} | ${r.name.replaceAll('|', '\\|')} | ${r.accepted} | ${seed} | ${found} | ${stall} s${settings.atOnce > 1 ? ' †' : ''} | ${r.peakMiB ?? '?'} MiB |`;
  });
  const unlimited = [...new Set(kept.flatMap(({ run }) => run.unlimited ?? []))];
  const bad = kept.filter(({ run }) => run.findings.length > 0).length;
  return [
    '# Fault table',
    '',
    `Commit ${kept[0]?.commit ?? 'unknown'}. ${kept.length} of ${total} cells, ${bad} with violations, ${kept.reduce((n, k) => n + k.run.accepted, 0)} words.`,
    ...[...new Set(kept.map((k) => k.machine))].map((m) => `Machine: ${m}.`),
    ...unlimited.map((why) => `Processors were not limited in memory: ${why}.`),
    '',
    '| cell | fault | words | seed | violations | longest stall | peak memory of a processor |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '† Another cell ran at the same time.',
    '',
  ].join('\n');
};
