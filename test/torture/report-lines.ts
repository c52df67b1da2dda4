import type { CellRun } from './run-cell.ts';

/** Of one law: a thousand lost words must not hide what holds them up. */
const MAX_FINDINGS = 3;

/** What came out of a run, in one line. */
export const summaryOf = (r: CellRun): string =>
  r.notRun !== undefined
    ? `NOT RUN: ${r.notRun}`
    : `${r.accepted} accepted, ${r.results} verdicts, ${r.deadLetters} dead letters, longest stall ${r.stalls[0]?.ms ?? 0} ms, peak ${r.peakMiB ?? 0} MiB, ${(r.ms / 1_000).toFixed(0)} s, ${r.findings.length} violations`;

/** What is wrong, as `.ci/what-failed` finds it again: a line that begins with FAILED, and under it one for each finding. */
export const failureOf = (r: CellRun): string => {
  const laws = Map.groupBy(r.findings, (f) => f.law);
  const lines = [...laws].flatMap(([law, findings]) => {
    const more = findings.length - MAX_FINDINGS;
    return [
      ...findings.slice(0, MAX_FINDINGS).map((f) => `  ${law}: ${f.detail.replaceAll('\n', '\n    ')}`),
      ...(more > 0 ? [`  ${law}: and ${more} more`] : []),
    ];
  });
  return [`FAILED: cell ${r.number}, seed ${r.seed}, ${r.findings.length} violations`, ...lines].join('\n');
};
