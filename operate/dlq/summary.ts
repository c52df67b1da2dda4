import type { Status } from './filter.ts';
import type { DeadLetter } from './letter.ts';

/** Different reasons that are told apart; foreign software may write a new one each time. */
const MAX_REASONS = 200;
const OTHERS = '(others)';

/** Counts of dead letters, in bounded memory. */
export interface Summary {
  readonly total: number;
  readonly byReason: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byDialect: Readonly<Record<string, number>>;
  /** Of the dead letters themselves; milliseconds since 1970, undefined where there are none. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
}

export const createSummary = () => {
  const [reasons, statuses, dialects] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let total = 0;
  let oldest = Infinity;
  let newest = -Infinity;
  const count = (m: Map<string, number>, k: string): void => {
    m.set(k, (m.get(k) ?? 0) + 1);
  };
  const sorted = (m: Map<string, number>): Record<string, number> =>
    Object.fromEntries([...m].sort(([a, n], [b, k]) => k - n || (a < b ? -1 : 1)));
  return {
    add(l: DeadLetter, status: Status): void {
      total++;
      count(reasons, reasons.has(l.reason) || reasons.size < MAX_REASONS ? l.reason : OTHERS);
      count(statuses, status);
      count(dialects, l.dialect);
      oldest = Math.min(oldest, l.timestamp);
      newest = Math.max(newest, l.timestamp);
    },
    result: (): Summary => ({
      total,
      byReason: sorted(reasons),
      byStatus: sorted(statuses),
      byDialect: sorted(dialects),
      oldest: total === 0 ? undefined : oldest,
      newest: total === 0 ? undefined : newest,
    }),
  };
};
