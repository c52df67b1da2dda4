// `npm run torture -- --cell 9 --seed 42 --words 100000`, `--all`, `--short`. Real processes under faults, held to all laws.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRegistry } from '@verdikt/local/registry.ts';
import type { Cell } from './cell.ts';
import { CELLS } from './cells.ts';
import { reportPage } from './page.ts';
import { runCell, type CellRun } from './run-cell.ts';

const USAGE = `usage: npm run torture -- (--cell N[,N...] | --all | --short) [--seed N] [--words N] [--minutes N] [--out FOLDER]
  --cell     cells of the fault table by number
  --all      every cell at its full length
  --short    every cell that needs at most a minute, at 2,000 words
  --seed     of the schedule of faults; default: the time, and told
  --words    instead of what the cell says
  --minutes  begin no further cell, or repetition of a single cell, after so long
  --root     checkout from which the services run; default this one
  --out      folder for report.json and report.html; default torture/.out`;

const { values } = parseArgs({
  options: {
    cell: { type: 'string' },
    all: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    seed: { type: 'string' },
    words: { type: 'string' },
    minutes: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '.out') },
    root: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const chosen = (): readonly Cell[] => {
  if (values.all) return CELLS;
  if (values.short) return CELLS.filter((c) => c.short !== false);
  const numbers = (values.cell ?? '').split(',').filter(Boolean).map(Number);
  return CELLS.filter((c) => numbers.includes(c.number));
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const SHORT_WORDS = 2_000;

const main = async (): Promise<number> => {
  const cells = chosen();
  if (values.help || cells.length === 0) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const words = values.words !== undefined ? Number(values.words) : values.short ? SHORT_WORDS : undefined;
  const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
  say(`seed ${seed}`);
  const registry = await startRegistry({ say });
  const runs: CellRun[] = [];
  try {
    // A single cell is repeated with further seeds for as long as there is time.
    for (
      let turn = 0;
      turn === 0 || (cells.length === 1 && until !== Infinity && Date.now() < until);
      turn++
    ) {
      for (const cell of cells) {
        if (Date.now() > until) break;
        say(`cell ${cell.number}: ${cell.name}`);
        const run = await runCell(cell, {
          ...{ seed: seed + turn, registryUrl: registry.url, say },
          ...(words === undefined ? {} : { words }),
          ...(values.root === undefined ? {} : { root: values.root }),
        }).catch((e: unknown): CellRun => failedRun(cell, seed + turn, e));
        runs.push(run);
        say(summary(run));
        await write(runs);
      }
    }
  } finally {
    await registry.stop();
  }
  const bad = runs.filter((r) => r.findings.length > 0).length;
  say(`report: ${join(values.out, 'report.html')}`);
  say(`${runs.length - bad} passed, ${bad} failed`);
  return bad === 0 ? 0 : 1;
};

const failedRun = (cell: Cell, seed: number, e: unknown): CellRun => ({
  ...{ number: cell.number, name: cell.name, holds: cell.holds, seed, words: 0, accepted: 0, ms: 0 },
  ...{ results: 0, deadLetters: 0, marks: [], throughput: [], stalls: [] },
  findings: [{ law: 'harness', detail: e instanceof Error ? (e.stack ?? e.message) : String(e) }],
});

const summary = (r: CellRun): string => {
  const stall = r.stalls[0];
  const lines = r.findings.slice(0, 10).map((f) => `  ${f.law}: ${f.detail}`);
  const more = r.findings.length > 10 ? [`  and ${r.findings.length - 10} more`] : [];
  return [
    `  ${r.accepted} accepted, ${r.results} verdicts, ${r.deadLetters} dead letters, longest stall ${stall?.ms ?? 0} ms, ${(r.ms / 1_000).toFixed(0)} s, ${r.findings.length} violations`,
    ...lines,
    ...more,
  ].join('\n');
};

const write = async (runs: readonly CellRun[]): Promise<void> => {
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'report.json'), `${JSON.stringify(runs, null, 1)}\n`);
  await writeFile(join(values.out, 'report.html'), reportPage(runs));
};

process.exitCode = await main();
