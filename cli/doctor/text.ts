import { oneLine } from '@verdikt/core/record/safe-text.ts';
import type { Finding, Severity } from './findings.ts';

/** Colours; the identity where there is no terminal. */
export type Paint = Readonly<Record<Severity, (text: string) => string>>;

/** One row per finding with its remedy below, for people. */
export const doctorText = (findings: readonly Finding[]): string => {
  if (findings.length === 0) return 'nothing found';
  const wide = (pick: (f: Finding) => string): number => Math.max(...findings.map((f) => pick(f).length));
  const severity = wide((f) => f.severity);
  const code = wide((f) => f.code);
  const rows = findings.map((f) => {
    const head = `${f.severity.padEnd(severity)}  ${f.code.padEnd(code)}`;
    return `${head}  ${oneLine(f.what)}\n${' '.repeat(severity + code + 4)}→ ${oneLine(f.remedy)}`;
  });
  return [...rows, '', counts(findings)].join('\n');
};

/** Colors the severity at the start of each finding. */
export const painted = (text: string, paint: Paint): string =>
  text.replace(/^(error|warning|info) +/gm, (head, severity: Severity) => paint[severity](head));

const counts = (findings: readonly Finding[]): string =>
  (['error', 'warning', 'info'] as const)
    .map((s) => [findings.filter((f) => f.severity === s).length, s] as const)
    .filter(([n]) => n > 0)
    .map(([n, s]) => `${n} ${s}${n === 1 || s === 'info' ? '' : 's'}`)
    .join(', ');

/** 1 with errors; 3 with warnings, where `strict`; else 0. */
export const exitCodeOf = (findings: readonly Finding[], strict: boolean): number => {
  if (findings.some((f) => f.severity === 'error')) return 1;
  return strict && findings.some((f) => f.severity === 'warning') ? 3 : 0;
};
