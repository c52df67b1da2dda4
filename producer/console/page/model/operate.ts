import { number, plural, span } from './time.ts';

/** `GET /v1/tasks`. */
export interface Tasks {
  readonly at: number;
  readonly group: { readonly state: string; readonly members: number };
  readonly tasks: readonly Task[];
  readonly processors: readonly Processor[];
  readonly waits: readonly {
    readonly kind: string;
    readonly task?: number;
    readonly what: string;
    readonly remedy?: string;
  }[];
  readonly cli: string;
}
export interface Task {
  readonly task: number;
  readonly owner: { readonly member: string; readonly host: string } | null;
  readonly phase: string | null;
  readonly lag: number | null;
  readonly records: number | null;
  readonly lanes: number | null;
  readonly due: number | null;
  readonly overdueMs: number | null;
  readonly parkedKeys: number | null;
}
interface Processor {
  readonly url: string;
  readonly reachable: boolean;
  readonly circuits?: readonly { readonly check: string; readonly state: string }[];
}

/** `GET /v1/parked-keys`. */
export interface ParkedKeys {
  readonly keys: readonly ParkedKey[];
  readonly total: number;
  readonly next?: string;
}
export interface ParkedKey {
  readonly key: string | null;
  readonly task: number;
  readonly head: {
    readonly id: string | null;
    readonly origin: number;
    readonly parkedAt: number;
    readonly reason: string;
  };
  readonly followers: number;
  readonly cli: { readonly redrive: string; readonly skip: string };
}

/** `GET /v1/dead-letters/groups`. */
export interface Groups {
  readonly groups: readonly Group[];
  readonly total: number;
  readonly complete: boolean;
  readonly cli: string;
}
export interface Group {
  readonly reason: string;
  readonly count: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly stages: Readonly<Record<string, number>>;
  readonly oldest: number;
  readonly newest: number;
  readonly example: {
    readonly partition: number;
    readonly offset: number;
    readonly id: string | null;
    readonly error: string;
  };
}

/** `GET /v1/dead-letters`. */
export interface Letters {
  readonly letters: readonly Letter[];
  readonly next?: string;
  readonly cli: string;
}
export interface Letter {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly id: string | null;
  readonly keyText: string | null;
  readonly reason: string;
  readonly stage: string;
  readonly error: string;
  readonly status: string;
}

/** A redrive or skip: of a dry run, or how far it is. */
export interface Operation {
  readonly operation: string;
  readonly action: 'redrive' | 'skip';
  readonly dryRun?: boolean;
  readonly state?: 'running' | 'done' | 'failed' | 'unknown';
  readonly counts: Readonly<Record<string, number>>;
  readonly reasons?: Readonly<Record<string, number>>;
  readonly error?: { readonly code: string; readonly message: string };
  readonly cli: string;
}

/** What an action is about. Never all: the edge refuses an empty filter as well. */
export type Selection =
  { readonly reason: string; readonly status: 'open' | 'parked' } | { readonly id: string };

/** Body of `POST /v1/dead-letters/redrive` and `/skip`. */
export const bodyOf = (s: Selection, dryRun: boolean): object => ({
  ...('id' in s ? { ids: [s.id] } : { filter: { reasons: [s.reason], statuses: [s.status] } }),
  ...(dryRun ? { dryRun: true } : {}),
});

/** An edge without these routes, or a caller who may not: nothing of them is shown. */
export const isOffered = (status: number): boolean => ![401, 403, 404, 501].includes(status);

/** What is wrong, as `verdikt status` says it. Parked keys are among the figures already. */
export const taskProblems = ({ processors, waits }: Tasks): string[] => {
  const away = processors.filter((p) => !p.reachable).length;
  return [
    ...(away === 0 ? [] : [`${plural(away, 'processor')} cannot be asked.`]),
    ...waits
      .filter((w) => w.kind !== 'parked')
      .map(({ task, what, remedy }) => {
        const where = task === undefined ? '' : `Task ${task}: `;
        return `${where}${what}${remedy === undefined ? '.' : `. Remedy: ${remedy}.`}`.replaceAll('..', '.');
      }),
  ];
};

export const cell = (n: number | null): string => (n === null ? '?' : number(n));
export const overdue = (ms: number | null): string => (ms === null ? '?' : ms < 1_000 ? '0 s' : span(ms));

/** How far an operation is: done, and of how many. */
export const progressOf = ({ counts, state }: Operation): { readonly done: number; readonly of: number } => {
  const of = counts['selected'] ?? 0;
  const told = Object.entries(counts).reduce(
    (n, [name, count]) => (name === 'applied' || name === 'refused' || name === 'stale' ? n + count : n),
    0,
  );
  return { done: state === 'done' ? of : Math.min(of, told), of };
};

const NAMES: Readonly<Record<Operation['action'], string>> = { redrive: 'redriven', skip: 'skipped' };

/** In one sentence. */
export const operationText = (o: Operation): string => {
  const { counts, action, dryRun, state, error } = o;
  const selected = plural(counts['selected'] ?? 0, 'dead letter');
  if (dryRun === true) {
    const send = counts['send'] ?? counts['selected'] ?? 0;
    return `${selected} selected, ${number(send)} would be ${NAMES[action]}. Nothing was changed.`;
  }
  const applied = `${number(counts['applied'] ?? 0)} of ${selected} ${NAMES[action]}`;
  switch (state) {
    case 'failed':
      return `Failed: ${error?.message ?? 'no reason is given'} ${applied}.`;
    case 'unknown':
      return `Another edge or tool began it, and has not said how it ended. ${applied}.`;
    case 'done':
      return `${applied}.`;
    default:
      return `${applied} so far.`;
  }
};
