/** What jest counts of one run (the fields of its `--json` that matter). */
export interface JestCounts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that could not even run: their tests are in no other number. */
  readonly numRuntimeErrorTestSuites: number;
}

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Phase {
  readonly name: string;
  readonly files: readonly string[];
  readonly serial: boolean;
  /** Patterns of the paths that are not in it, on top of the arguments given to jest. */
  readonly ignore: readonly string[];
}

const isScenario = (file: string): boolean => file.replaceAll('\\', '/').includes('/scenarios/');
const isKafka = (file: string): boolean => file.endsWith('.kafka.test.ts');

/** True for a test that needs a broker. */
export const needsBroker = (file: string): boolean => isScenario(file) || isKafka(file);

const ALWAYS = ['/node_modules/', '/.cache/'];

/** Unit and contract tests side by side, then the scenarios one by one: they load the machine and time their faults. */
export const phasesOf = (files: readonly string[], unit: boolean): Phase[] => {
  const phase = (
    name: string,
    serial: boolean,
    others: string,
    belongs: (file: string) => boolean,
  ): Phase => ({
    name,
    serial,
    files: files.filter(belongs),
    ignore: [...ALWAYS, others],
  });
  const phases = unit
    ? [phase('unit', false, '/scenarios/|\\.kafka\\.test\\.ts$', (f) => !needsBroker(f))]
    : [
        phase('unit and contract', false, '/scenarios/', (f) => !isScenario(f)),
        phase('scenarios', true, '^(?!.*/scenarios/)', isScenario),
      ];
  return phases.filter((p) => p.files.length > 0);
};

/** A run that left no counts (jest crashed or was killed) is one failure, never none. */
export const totalsOf = (runs: readonly (JestCounts | undefined)[]): Totals => {
  let [passed, failed, skipped] = [0, 0, 0];
  for (const counts of runs) {
    passed += counts?.numPassedTests ?? 0;
    failed += counts === undefined ? 1 : counts.numFailedTests + counts.numRuntimeErrorTestSuites;
    skipped += counts === undefined ? 0 : counts.numPendingTests + counts.numTodoTests;
  }
  return { passed, failed, skipped };
};

/** The very last line of `npm test`; programs read it. */
export const totalLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** 0 only when something ran and nothing failed. */
export const exitCodeOf = (totals: Totals): number => (totals.failed === 0 && totals.passed > 0 ? 0 : 1);
