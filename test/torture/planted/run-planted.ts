import { copyCheckout, editCheckout, removeCheckout } from '../checkout.ts';
import type { Cell } from '../cell.ts';
import { failedRun } from '../failed-run.ts';
import { run } from '../run.ts';
import type { RunOptions } from '../set-up.ts';
import { judged, lineOf, type Bug, type PlantedRun } from './bug.ts';
import { BUGS, SHORT } from './bugs.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

/** Twice as long as anything takes on the source as it is. */
const QUIET_MS = 15_000;
/** Where back-offs are as shipped. */
const QUIET_SHIPPED_MS = 60_000;

interface PlantedOptions extends Pick<RunOptions, 'seed' | 'registryUrl' | 'words'> {
  /** Names of bugs, and of controls by their workload; all where undefined. */
  readonly only?: readonly string[] | undefined;
  readonly short: boolean;
  /** Workloads whose control has passed before and is not run again. */
  readonly held: ReadonlySet<string>;
  /** Milliseconds since 1970; begin no further run after it. Default never. */
  readonly until?: number;
  readonly say: (line: string) => void;
  /** Told after each run. */
  readonly ran: (run: PlantedRun) => Promise<void>;
}

/** What `only` may name: bugs, and workloads for their control. */
export const NAMES: readonly string[] = [...BUGS.map((b) => b.name), ...Object.keys(WORKLOADS)];
export const unknownNames = (only: readonly string[]): readonly string[] =>
  only.filter((n) => !NAMES.includes(n));

const chosenBugs = (only: readonly string[] | undefined, short: boolean): readonly Bug[] => {
  const names = only ?? (short ? SHORT : undefined);
  return names === undefined ? BUGS : BUGS.filter((b) => names.includes(b.name));
};

/** The workloads of these bugs, and those that were asked for by name: a law that fails there catches nothing. */
const controlsOf = (bugs: readonly Bug[], o: PlantedOptions): readonly Workload[] =>
  (Object.keys(WORKLOADS) as Workload[]).filter(
    (w) => o.only?.includes(w) === true || (bugs.some((b) => b.workload === w) && !o.held.has(w)),
  );

const runOne = async (workload: Workload, bug: Bug | undefined, o: PlantedOptions): Promise<PlantedRun> => {
  const cell: Cell = WORKLOADS[workload];
  const root = bug === undefined ? undefined : await copyCheckout();
  try {
    if (root !== undefined && bug !== undefined) await editCheckout(root, bug.edits);
    const ran = await run(cell, {
      ...{
        seed: o.seed,
        registryUrl: o.registryUrl,
        quietMs: cell.shipped === true ? QUIET_SHIPPED_MS : QUIET_MS,
        say: o.say,
      },
      ...(o.words === undefined ? {} : { words: o.words }),
      ...(root === undefined ? {} : { root }),
    }).catch((e: unknown) => failedRun(cell, o.seed, e));
    return judged(ran, workload, bug);
  } finally {
    if (root !== undefined) await removeCheckout(root);
  }
};

/** Runs the controls, then the bugs, one after the other. */
export const runPlanted = async (o: PlantedOptions): Promise<readonly PlantedRun[]> => {
  const bugs = chosenBugs(o.only, o.short);
  const out: PlantedRun[] = [];
  const take = async (workload: Workload, bug?: Bug): Promise<void> => {
    if (Date.now() > (o.until ?? Infinity)) return;
    const ran = await runOne(workload, bug, o);
    out.push(ran);
    o.say(`${ran.passed ? '' : `FAILED: seed ${ran.seed}, `}${lineOf(ran)}`);
    await o.ran(ran);
  };
  for (const workload of controlsOf(bugs, o)) await take(workload);
  for (const bug of bugs) await take(bug.workload, bug);
  return out;
};
