import type { CellRun } from './run-cell.ts';

const MAX_FINDINGS = 10;

/** What came out of a run, in one line. */
export const summaryOf = (r: CellRun): string =>
  r.notRun !== undefined
    ? `NOT RUN: ${r.notRun}`
    : `${r.accepted} accepted, ${r.results} verdicts, ${r.deadLetters} dead letters, longest stall ${r.stalls[0]?.ms ?? 0} ms, peak ${r.peakMiB ?? 0} MiB, ${(r.ms / 1_000).toFixed(0)} s, ${r.findings.length} violations`;

/** What is wrong, as `.ci/what-failed` finds it again: a line that begins with FAILED, and under it one for each finding. */
export const failureOf = (r: CellRun): string => {
  const lines = r.findings
    .slice(0, MAX_FINDINGS)
    .map((f) => `  ${f.law}: ${f.detail.replaceAll('\n', '\n    ')}`);
  const more = r.findings.length > MAX_FINDINGS ? [`  and ${r.findings.length - MAX_FINDINGS} more`] : [];
  return [
    `FAILED: cell ${r.number}, seed ${r.seed}, ${r.findings.length} violations`,
    ...lines,
    ...more,
  ].join('\n');
};
