import type { Edit } from '../checkout.ts';
import type { CellRun } from '../run-cell.ts';
import type { Finding } from '../laws.ts';
import type { Workload } from './workloads.ts';

/** A fault put into the source of the services, which the laws must find. */
export interface Bug {
  /** Unique, lower case and hyphens, to be chosen by. */
  readonly name: string;
  /** What is wrong, in a few words. */
  readonly what: string;
  /** What exposes it. */
  readonly workload: Workload;
  readonly edits: readonly Edit[];
}

/** How the run of a bug ended, or that of a workload on the source as it is. */
export interface PlantedRun {
  /** Of the bug; `control <workload>` where nothing was planted. */
  readonly name: string;
  readonly control: boolean;
  readonly what: string;
  readonly workload: string;
  readonly seed: number;
  readonly ms: number;
  /** What is wrong, by law. */
  readonly counts: Readonly<Record<string, number>>;
  /** What tells most; undefined: nothing was found. */
  readonly finding?: Finding;
  /** A bug was caught, a control had no finding. */
  readonly passed: boolean;
}

/** Says only that something is wrong. */
const VAGUE = new Set(['liveness', 'standstill', 'conservation']);
/** Says nothing of the product: the services did not even start. */
const HARNESS = 'harness';

/** The finding that tells most: of a law about records, else any. */
const telling = (findings: readonly Finding[]): Finding | undefined =>
  findings.find((f) => !VAGUE.has(f.law) && f.law !== HARNESS) ??
  findings.find((f) => f.law !== HARNESS) ??
  findings[0];

/** What a run says of a bug. `bug` undefined: a control. */
export const judged = (run: CellRun, workload: string, bug?: Bug): PlantedRun => {
  const counts: Record<string, number> = {};
  for (const { law } of run.findings) counts[law] = (counts[law] ?? 0) + 1;
  const finding = telling(run.findings);
  const caught = finding !== undefined && finding.law !== HARNESS;
  return {
    name: bug?.name ?? `control ${workload}`,
    control: bug === undefined,
    what: bug?.what ?? `nothing is planted: ${run.name}`,
    ...{ workload, seed: run.seed, ms: run.ms, counts },
    ...(finding === undefined ? {} : { finding }),
    passed: bug === undefined ? finding === undefined : caught,
  };
};

/** One line about it. */
export const lineOf = ({ name, control, finding, passed }: PlantedRun): string => {
  const found = finding === undefined ? '' : `${finding.law}: ${finding.detail.split('\n')[0]}`;
  if (control) return passed ? `${name}: no violation` : `${name}: FAILED, ${found}`;
  return passed ? `${name}: caught by ${found}` : `${name}: NOT CAUGHT${found === '' ? '' : ` (${found})`}`;
};
