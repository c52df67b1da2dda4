import type { Difference } from './differences.ts';

/** What we read of the report of jest. */
export interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    /** Of a file that could not run. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

interface Verdict {
  readonly passed: number;
  readonly differences: readonly { readonly name: string; readonly why: string }[];
  readonly problems: readonly string[];
}

/** Holds a report against what is known to differ. A difference that nothing shows any more is a problem, as is a file without tests. */
export const verdictOf = (report: JestReport, files: number, known: readonly Difference[]): Verdict => {
  const problems: string[] = [];
  const differences: { name: string; why: string }[] = [];
  const seen = new Set<Difference>();
  let passed = 0;
  if (report.testResults.length !== files)
    problems.push(`${report.testResults.length} of ${files} files have run`);
  for (const file of report.testResults) {
    if (file.assertionResults.length === 0) problems.push(`${file.name} has no results: ${file.message}`);
    for (const { fullName: name, status, failureMessages } of file.assertionResults) {
      const difference = known.find((d) => name.endsWith(d.test));
      if (difference !== undefined) seen.add(difference);
      if (status === 'failed' && difference !== undefined) differences.push({ name, why: difference.why });
      else if (status === 'failed') problems.push(`${name}\n${(failureMessages ?? []).join('\n')}`);
      else if (difference !== undefined) problems.push(`${name} passes: ${difference.why}`);
      else if (status === 'passed') passed++;
    }
  }
  for (const d of known) if (!seen.has(d)) problems.push(`no test is named ${d.test}`);
  return { passed, differences, problems };
};
