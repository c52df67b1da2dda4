// `npm run torture -- --cell 9 --seed 42 --words 100000`, `--all`, `--short`, `--planted`. Real processes under faults, held to
// all laws.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRegistry } from '@verdikt/local/registry.ts';
import { machineOf } from '../support/machine.ts';
import type { Cell } from './cell.ts';
import { CELLS, wantsMachine } from './cells.ts';
import { failedRun } from './failed-run.ts';
import { commitOf, keep, markdown, readKept, tells, valid, type Settings } from './kept.ts';
import type { PlantedRun } from './planted/bug.ts';
import { NAMES, runPlanted, unknownNames } from './planted/run-planted.ts';
import { failureOf, summaryOf } from './report-lines.ts';
import { EMPTY, merged, readReport, writeReport } from './report.ts';
import type { CellRun } from './run-cell.ts';
import { run } from './run.ts';

const USAGE = `usage: npm run torture -- (--cell N[,N...] [--short] | --all | --short) [--seed N] [--words N] [--at-once N] [--minutes N] [--add]
         [--out FOLDER]
       npm run torture -- --planted [--only NAME[,NAME...] | --short] [--seed N] [--minutes N] [--add] [--out FOLDER]
  --cell     cells of the fault table by number
  --all      every cell at its full length, on one commit; what --out has results of is not run again. Also writes report.md.
             Those that judge times have the machine for themselves, the others share it in twos
  --short    every cell at 2,000 words, 32 to 35 for a minute or less, two at a time, but for those that need the machine for
             themselves (30); with --cell those cells, one at a time; with --planted three bugs and their control
  --planted  bugs put into the source, each of which must be caught, and their workloads without any
  --only     planted bugs, or workloads, by name
  --seed     of the schedule of faults; default: the time, and told
  --words    instead of what the cell says; 32 to 35 have two lengths only
  --at-once  cells at a time, default 1, as above with --all, 2 with --short and no --cell; with more than one, stalls, rates
             and the time of a POST are told and not judged
  --minutes  begin no further cell, planted bug, or repetition of a single cell, after so long
  --root     checkout from which the services run; default this one
  --add      keep what report.json tells already; a new run takes the place of the earlier ones of its cell or bug
  --out      folder for report.json and report.html; default test/torture/.out`;

const { values } = parseArgs({
  options: {
    cell: { type: 'string' },
    all: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    planted: { type: 'boolean', default: false },
    only: { type: 'string' },
    add: { type: 'boolean', default: false },
    seed: { type: 'string' },
    words: { type: 'string' },
    'at-once': { type: 'string' },
    minutes: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '.out') },
    root: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** First in the short form, longest first: when time is over, cells of half a minute are left, and no long one runs alone. */
const LONGEST = [29, 32, 31, 38, 37, 33, 34, 35];
const rank = ({ number }: Cell): number =>
  LONGEST.includes(number) ? LONGEST.indexOf(number) - 100 : number;

const chosen = (): readonly Cell[] => {
  if (values.cell !== undefined) {
    const numbers = values.cell.split(',').filter(Boolean).map(Number);
    return CELLS.filter((c) => numbers.includes(c.number));
  }
  if (values.all) return CELLS;
  return values.short ? CELLS.filter((c) => c.crowded !== true).sort((a, b) => rank(a) - rank(b)) : [];
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const SHORT_WORDS = 2_000;
/** Most of a short cell is waiting for time-outs. */
const MOST_AT_ONCE = 2;
const only = (): readonly string[] | undefined => values.only?.split(',').filter(Boolean);

const seed = Number(values.seed ?? Date.now() % 1_000_000);
const words = values.words === undefined ? undefined : Number(values.words);
const wordsOfCell = words ?? (values.short ? SHORT_WORDS : undefined);

const atOnce = (cell: Cell): number => {
  if (values['at-once'] !== undefined) return Number(values['at-once']);
  const shared = values.all ? !wantsMachine(cell) : values.short && values.cell === undefined;
  return shared ? MOST_AT_ONCE : 1;
};
const settingsOf = (cell: Cell): Settings => ({
  ...{ atOnce: atOnce(cell) },
  ...(wordsOfCell === undefined ? {} : { words: wordsOfCell }),
});

const until = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;

const planted = async (registryUrl: string): Promise<number> => {
  const before = values.add ? await readReport(values.out) : EMPTY;
  const done: PlantedRun[] = [];
  await runPlanted({
    ...{ seed, registryUrl, say, short: values.short, only: only(), until },
    ...(words === undefined ? {} : { words }),
    held: new Set(before.planted.filter((p) => p.control && p.passed).map((p) => p.workload)),
    ran: async (run) => {
      done.push(run);
      await writeReport(values.out, merged(before, { runs: [], planted: done }));
    },
  });
  return ended(done.map((run) => run.passed));
};

/** A single cell is repeated with further seeds for as long as there is time. */
function* turns(list: readonly Cell[]): Generator<{ cell: Cell; turn: number }> {
  const more = chosen().length === 1 && until !== Infinity;
  for (let turn = 0; turn === 0 || more; turn++) for (const cell of list) yield { cell, turn };
}

/** Results in `--out` that a run of all cells goes on from. */
const openKept = async () => {
  if (values.root !== undefined) throw new Error('--all tells of one commit, so it knows no --root');
  const commit = await commitOf(import.meta.dirname);
  const before = await readKept(values.out, commit);
  return { commit, before, seed: values.seed === undefined ? (before[0]?.seed ?? seed) : seed };
};

const cells = async (registryUrl: string): Promise<number> => {
  const before = values.add ? await readReport(values.out) : EMPTY;
  const all = values.all && !values.short ? await openKept() : undefined;
  const first = all?.seed ?? seed;
  const settingsBy = new Map(CELLS.map((c) => [c.number, settingsOf(c)]));
  const kept = valid(all?.before ?? [], first, (number) => settingsBy.get(number));
  const runs: CellRun[] = kept.map((k) => k.run);
  const left = chosen().filter((c) => !runs.some((r) => r.number === c.number));
  if (kept.length > 0) say(`seed ${first}: ${kept.length} cells have results, ${left.length} are left`);
  let writing = Promise.resolve();
  const write = async (of: CellRun, settings: Settings): Promise<void> => {
    if (all !== undefined && tells(of)) {
      if ((await commitOf(import.meta.dirname)) !== all.commit)
        throw new Error('another commit was checked out');
      const { commit } = all;
      const result = { commit, machine: machineOf(), seed: of.seed, settings, run: of };
      kept.push(result);
      await keep(values.out, result);
    }
    if (all !== undefined) {
      kept.sort((a, b) => a.run.number - b.run.number);
      await writeFile(join(values.out, 'report.md'), markdown(kept, CELLS.length));
    }
    await writeReport(values.out, merged(before, { runs, planted: [] }), all?.commit);
  };
  const worker = async (queue: ReturnType<typeof turns>): Promise<void> => {
    for (const { cell, turn } of queue) {
      if (Date.now() > until && runs.length > 0) break;
      const settings = settingsOf(cell);
      const alone = settings.atOnce === 1;
      const tell = (line: string): void => say(alone ? line : `[${cell.number}] ${line}`);
      tell(`cell ${cell.number}: ${cell.name}`);
      const logs = join(values.out, 'logs', `cell-${cell.number}-${first + turn}`);
      const ran = await run(cell, {
        ...{ logs, seed: first + turn, registryUrl, say: tell, alone, short: values.short },
        ...(settings.words === undefined ? {} : { words: settings.words }),
        ...(values.root === undefined ? {} : { root: values.root }),
      }).catch((e: unknown): CellRun => failedRun(cell, first + turn, e));
      runs.push(ran);
      tell(`  ${summaryOf(ran)}`);
      if (ran.findings.length > 0) say(`${failureOf(ran)}\n  logs: ${logs}`);
      else await rm(logs, { recursive: true, force: true });
      writing = writing.then(() => write(ran, settings));
      await writing;
    }
  };
  for (const [n, list] of Map.groupBy(left, atOnce)) {
    const queue = turns(list);
    await Promise.all(Array.from({ length: n }, () => worker(queue)));
  }
  const missing = values.short || values.all ? chosen().length - runs.length : 0;
  if (missing > 0) say(`${missing} CELLS WERE NOT RUN: ${values.minutes} MINUTES WERE NOT ENOUGH`);
  return ended(runs.map((r) => r.findings.length === 0));
};

const ended = (passed: readonly boolean[]): number => {
  const bad = passed.filter((p) => !p).length;
  say(`report: ${join(values.out, 'report.html')}`);
  say(`${passed.length - bad} passed, ${bad} failed`);
  return bad === 0 ? 0 : 1;
};

const main = async (): Promise<number> => {
  if (values.help || (!values.planted && chosen().length === 0)) {
    say(USAGE);
    return values.help ? 0 : 2;
  }
  const unknown = values.planted ? unknownNames(only() ?? []) : [];
  if (unknown.length > 0) {
    say(`nothing is named ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
    return 2;
  }
  say(`seed ${seed}`);
  const registry = await startRegistry({ say });
  try {
    return await (values.planted ? planted : cells)(registry.url);
  } finally {
    await registry.stop();
  }
};

process.exitCode = await main();
