import { at } from '@verdikt/core/at.ts';
import { oneLine } from '@verdikt/core/record/safe-text.ts';
import type { Audit } from '@verdikt/core/record/control.ts';
import type { Status } from './filter.ts';
import { placeText, type DeadLetter } from './letter.ts';
import type { Summary } from './summary.ts';
import { count } from '../text/count.ts';

const COLUMNS = [
  ['PLACE', 12],
  ['TIME', 20],
  ['STATUS', 11],
  ['KEY', 18],
  ['REASON', 22],
  ['STAGE', 12],
  ['TRIED', 5],
  ['ERROR', 40],
] as const;

/** Wide characters count twice on a terminal; the common ranges are enough for columns that stay straight. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;
const widthOf = (c: string): number => (/\p{Mn}/u.test(c) ? 0 : WIDE.test(c) ? 2 : 1);

/** The text cut or filled to a width. */
export const cell = (text: string, width: number): string => {
  let used = 0;
  let out = '';
  const all = [...oneLine(text)];
  const total = all.reduce((n, c) => n + widthOf(c), 0);
  const room = total > width ? width - 1 : width;
  for (const c of all) {
    if (used + widthOf(c) > room) break;
    used += widthOf(c);
    out += c;
  }
  if (total > width) return out + '…' + ' '.repeat(width - used - 1);
  return out + ' '.repeat(width - used);
};

export const timeText = (ms: number): string =>
  ms < 0 || ms > 8.64e15 ? '-' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

export const tableHead = (): string =>
  COLUMNS.map(([name, width]) => cell(name, width))
    .join(' ')
    .trimEnd();

/** One row of fixed columns, so that a list can be written as it is read. */
export const tableRow = (l: DeadLetter, key: Buffer | null, status: Status): string =>
  [
    placeText(l.place),
    timeText(l.timestamp),
    status,
    key === null ? '(none)' : key.subarray(0, 200).toString('utf8'),
    l.reason,
    l.stage,
    l.attempts === undefined ? '-' : String(l.attempts),
    l.error,
  ]
    .map((text, i) => cell(text, at(COLUMNS, i)[1]))
    .join(' ')
    .trimEnd();

const BAR = 30;

const histogram = (title: string, counts: Readonly<Record<string, number>>): string[] => {
  const entries = Object.entries(counts);
  const most = Math.max(1, ...entries.map(([, n]) => n));
  return [
    title,
    ...entries.map(
      ([name, n]) =>
        `  ${cell(name, 30)} ${String(n).padStart(9)} ${'█'.repeat(Math.ceil((n / most) * BAR))}`,
    ),
  ];
};

export const summaryText = (s: Summary, what: string): string =>
  s.total === 0
    ? `No dead letters in ${what}.`
    : [
        `${count(s.total, 'dead letter')} in ${what}, ${timeText(s.oldest ?? -1)} to ${timeText(s.newest ?? -1)}`,
        ...histogram('by reason', s.byReason),
        ...histogram('by status', s.byStatus),
        ...(Object.keys(s.byDialect).length > 1 ? histogram('by dialect', s.byDialect) : []),
      ].join('\n');

/** One line of what an operator did. */
export const auditText = ({ at, by, action, filter, operation, counts }: Audit): string =>
  [
    timeText(at),
    ...[by, action, filter].map((text) => oneLine(text)),
    ...Object.entries(counts).map(([name, n]) => `${oneLine(name)} ${n}`),
    operation,
  ].join('  ');
