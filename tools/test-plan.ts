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
  /** Files that run at once. */
  readonly workers: number;
  /** Patterns of the paths that are not in it, on top of the arguments given to jest. */
  readonly ignore: readonly string[];
}

const isScenario = (file: string): boolean => file.replaceAll('\\', '/').includes('/scenarios/');
const isKafka = (file: string): boolean => file.endsWith('.kafka.test.ts');

/** True for a test that needs a broker. */
export const needsBroker = (file: string): boolean => isScenario(file) || isKafka(file);

const ALWAYS = ['/node_modules/', '/.cache/'];

/**
 * Unit and contract tests, then the scenarios. Those with a broker wait half of their time, so there is one more of them at once
 * than there are cores. A scenario is several processes that wait for time-outs, so two run at once.
 */
export const phasesOf = (files: readonly string[], unit: boolean, cores: number): Phase[] => {
  const phase = (
    name: string,
    workers: number,
    others: string,
    belongs: (file: string) => boolean,
  ): Phase => ({
    name,
    workers,
    files: files.filter(belongs),
    ignore: [...ALWAYS, others],
  });
  const phases = unit
    ? [phase('unit', Math.max(2, cores), '/scenarios/|\\.kafka\\.test\\.ts$', (f) => !needsBroker(f))]
    : [
        phase('unit and contract', Math.max(2, cores) + 1, '/scenarios/', (f) => !isScenario(f)),
        phase('scenarios', 2, '^(?!.*/scenarios/)', isScenario),
      ];
  return phases.filter((p) => p.files.length > 0);
};

/**
 * What is given to jest, where a folder stands for the tests in it: `engine` alone would be a pattern that many other paths match
 * as well. `isFolder` is asked for its path from the root.
 */
export const jestArgsOf = (
  args: readonly string[],
  root: string,
  isFolder: (path: string) => boolean,
): string[] =>
  args.map((arg, i) => {
    // The word behind an option may be its value.
    const named = !arg.startsWith('-') && args[i - 1]?.startsWith('-') !== true && isFolder(arg);
    if (!named) return arg;
    return `^${`${root}/${arg.replace(/\/+$/, '')}/`.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)}`;
  });

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
