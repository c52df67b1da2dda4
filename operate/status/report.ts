import type { StatusFacts } from './facts.ts';
import { ownersOf, waitsOf, type Wait } from './waits.ts';

/** A task in the report. Null: not known, since nobody who knows could be asked. */
interface TaskRow {
  readonly task: number;
  /** Member of the group, and from where it is connected. */
  readonly owner: { readonly member: string; readonly host: string } | null;
  readonly phase: string | null;
  readonly committed: number | null;
  readonly lag: number;
  readonly records: number | null;
  readonly lanes: number | null;
  readonly due: number | null;
  readonly overdueMs: number | null;
  readonly parkedKeys: number | null;
  readonly limit: { readonly state: string; readonly held: number } | null;
  readonly dedup: { readonly ids: number; readonly windowMs: number } | null;
}

interface ProcessorRow {
  readonly url: string | null;
  readonly member: string;
  readonly reachable: boolean;
  readonly problem: string | null;
  readonly tasks: readonly number[];
  readonly standby: string | null;
  readonly circuits: readonly { readonly check: string; readonly state: string }[];
  readonly memory: { readonly rssBytes: number; readonly limitBytes: number } | null;
}

export interface StatusReport {
  readonly system: string;
  readonly at: number;
  readonly group: { readonly state: string; readonly members: number };
  readonly tasks: readonly TaskRow[];
  readonly processors: readonly ProcessorRow[];
  readonly waits: readonly Wait[];
  /** Tasks of which no processor could be asked: limit, dedup, circuits and memory are not known. */
  readonly unknown: readonly number[];
}

export const reportOf = (f: StatusFacts): StatusReport => {
  const owners = ownersOf(f.processors);
  const tasks = f.tasks.map((t): TaskRow => {
    const member = f.group.members.find((m) => m.tasks.includes(t.task));
    const own = owners.get(t.task);
    // Not every due time is written: where the owner tells, it knows better.
    const due = own?.lanes ?? t.lanes;
    return {
      task: t.task,
      owner: member === undefined ? null : { member: member.memberId, host: member.host },
      phase: own?.phase ?? null,
      ...{ committed: t.committed, lag: t.lag },
      ...{ records: t.lanes?.records ?? null, lanes: t.lanes?.keys ?? null },
      ...{ due: due?.due ?? null, overdueMs: due?.overdueMs ?? null },
      parkedKeys: t.lanes?.parkedKeys ?? own?.parked?.keys ?? null,
      limit: own?.limit === undefined ? null : { state: own.limit.state, held: own.limit.held },
      dedup: own?.dedup ?? null,
    };
  });
  const processors = f.processors.map(({ url, member, status, problem }): ProcessorRow => ({
    ...{ url: url ?? null, member, reachable: status !== undefined, problem: problem ?? null },
    tasks: status?.tasks.map((t) => t.task) ?? [],
    ...{ standby: status?.standby ?? null, circuits: status?.circuits ?? [] },
    memory:
      status?.memory === undefined
        ? null
        : { rssBytes: status.memory.rssBytes, limitBytes: status.memory.limitBytes },
  }));
  return {
    ...{ system: f.system, at: f.now },
    group: { state: f.group.state, members: f.group.members.length },
    ...{ tasks, processors, waits: waitsOf(f) },
    unknown: tasks.filter((t) => t.owner !== null && t.phase === null).map((t) => t.task),
  };
};

/** Something waits for an operator; it could not be looked at everything; as for audit. */
const WAITS = 1;
export const CANNOT = 2;

export const statusCode = ({ waits, unknown }: StatusReport): number => {
  if (waits.some((w) => w.for === 'operator')) return WAITS;
  return unknown.length > 0 ? CANNOT : 0;
};
