import type { Status } from './filter.ts';
import type { DeadLetter } from './letter.ts';

/** Different reasons that are told apart; foreign software may write a new one each time. */
const MAX_GROUPS = 200;
const OTHERS = '(others)';

/** Dead letters of one reason. */
interface Group {
  readonly reason: string;
  readonly count: number;
  readonly statuses: Readonly<Partial<Record<Status, number>>>;
  /** By the check that failed. */
  readonly stages: Readonly<Record<string, number>>;
  /** Of the dead letters themselves; milliseconds since 1970. */
  readonly oldest: number;
  readonly newest: number;
  /** The newest that was read. */
  readonly example: {
    readonly partition: number;
    readonly offset: number;
    readonly id: string | null;
    readonly error: string;
  };
}

const oneMore = <K extends string>(counts: Readonly<Partial<Record<K, number>>>, name: K) => ({
  ...counts,
  [name]: (counts[name] ?? 0) + 1,
});

/** Groups dead letters by reason, the most frequent first, in bounded memory. */
export const createGroups = () => {
  const groups = new Map<string, Group>();
  return {
    add(l: DeadLetter, status: Status): void {
      const reason = groups.has(l.reason) || groups.size < MAX_GROUPS ? l.reason : OTHERS;
      const g = groups.get(reason);
      const { partition, offset } = l.place;
      const newest = l.timestamp >= (g?.newest ?? -Infinity);
      const stages = g?.stages ?? {};
      const stage = l.stage in stages || Object.keys(stages).length < MAX_GROUPS ? l.stage : OTHERS;
      groups.set(reason, {
        reason,
        count: (g?.count ?? 0) + 1,
        statuses: oneMore(g?.statuses ?? {}, status),
        stages: stage === '' ? stages : oneMore(stages, stage),
        oldest: Math.min(g?.oldest ?? Infinity, l.timestamp),
        newest: Math.max(g?.newest ?? -Infinity, l.timestamp),
        example:
          g === undefined || newest ? { partition, offset, id: l.id ?? null, error: l.error } : g.example,
      });
    },
    result: (): Group[] =>
      [...groups.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
};
