import { ServiceError } from '@verdikt/core/errors.ts';
import type { SchemaRegistry } from '@verdikt/schemas/registry-port.ts';
import { count } from '../text/count.ts';
import { begin, endsOf, findBeginning, writeAudit, type Note } from './begin.ts';
import type { Counts } from './counts.ts';
import { filterText, type Filter } from './filter.ts';
import { invalid } from './invalid.ts';
import type { Imported } from './json-line.ts';
import type { Letters } from './letters.ts';
import { encodeScope, type Scope } from './operation.ts';
import { planOf, type Plan } from './plan.ts';
import type { Pace } from './ports.ts';
import { prepare, redrive, type Prepared, type Redrive } from './redrive.ts';
import { fileSource, topicSource } from './source.ts';

/** What an operator asks for. */
export interface OperationRequest {
  readonly action: 'redrive' | 'skip';
  /** UUID. */
  readonly operation: string;
  /** It may have been begun before. */
  readonly resumes: boolean;
  readonly by: string;
  readonly filter: Filter;
  /** It is said which letters are meant. */
  readonly chosen: boolean;
  /** Something is said about the letters; else an operation that was begun goes on as it was. */
  readonly scoped: boolean;
  readonly max?: number | undefined;
  readonly maxRedrives: number;
  readonly includeQuarantined: boolean;
  readonly forceUnknownSchema: boolean;
  /** Topics that letters of other software may return to. */
  readonly targets: readonly string[];
  /** Undefined: the letters are read from the topic. */
  readonly file?: { readonly sha256: string; readonly lines: readonly Imported[] } | undefined;
  /** Letters per second. */
  readonly rate?: number | undefined;
  readonly timeoutMs: number;
  /** The largest record that processors look at. */
  readonly recordMaxBytes: number;
}

export interface OperationDeps {
  readonly registry: Pick<SchemaRegistry, 'byId'> | undefined;
  readonly pace: Pace;
}

/** Told while an operation runs. */
interface Hooks {
  /** Rejects to have nothing done. `letters`: how many are written at all. Left out: nobody is asked. */
  readonly agree?: (plan: Plan, letters: number) => Promise<void>;
  /** It has begun: from now on it can be resumed. */
  readonly begun?: () => void;
  readonly progress?: (counts: Counts) => void;
}

/** Letters that are shown before the question. */
const SHOWN = 10;
/** Counts of a plan of which something is written. */
const GOES: ReadonlySet<string> = new Set(['send', 'quarantine']);

interface Planned {
  readonly r: Redrive;
  readonly prepared: Prepared;
}

const noteOf = (o: Letters, request: OperationRequest, pace: Pace): Note => ({
  ...{ cluster: o.cluster, control: o.names.control, operation: request.operation, by: request.by, pace },
});

const begunBefore = async (note: Note, { resumes, chosen, action }: OperationRequest) => {
  const known = resumes ? await findBeginning(note) : undefined;
  if (known === undefined && !chosen)
    throw invalid('all', `nothing says which letters to ${action}`, 'give a filter, or --all');
  return known;
};

const planned = async (
  o: Letters,
  request: OperationRequest,
  deps: OperationDeps,
  scope: Scope,
  progress?: (counts: Counts) => void,
): Promise<Planned> => {
  const { operation, file, rate, by, timeoutMs, recordMaxBytes } = request;
  if (scope.file !== undefined && file === undefined)
    throw invalid('fromFile', `operation ${operation} reads a file`, 'give it again with --from-file');
  const { cluster, names, quarantine } = o;
  const r: Redrive = {
    ...{ cluster, scope, operation, by, timeoutMs, recordMaxBytes, quarantine, control: names.control },
    ...deps,
    source: file === undefined ? topicSource(cluster.logs, scope.topic) : fileSource(file.lines),
    ours: scope.topic === names.deadLetters,
    ...(rate === undefined ? {} : { rate }),
    progress: progress ?? (() => undefined),
  };
  return { r, prepared: await prepare(r) };
};

/** What the operation is about, as things are now. Throws CONFIG_INVALID. */
const scopeOf = async ({ cluster, names, topic, ours }: Letters, r: OperationRequest): Promise<Scope> => {
  const { action, filter, maxRedrives, includeQuarantined, forceUnknownSchema, targets, max, file } = r;
  if (action === 'skip' && !ours) throw invalid('topic', `nothing of ${topic} is parked`, 'leave it out');
  const own = targets.find((t) => Object.values(names).includes(t));
  if (own !== undefined)
    throw invalid(
      'allowTarget',
      `${own} is written by tasks or the edge alone`,
      'name topics of other software',
    );
  const ends = await endsOf(cluster, topic);
  const controlEnds = await endsOf(cluster, names.control);
  if (ours && ends.length !== controlEnds.length)
    throw new ServiceError(
      'TOPIC_INVALID',
      `${topic} has ${count(ends.length, 'partition')}, ${names.control} ${controlEnds.length}.`,
      { topic },
    );
  const allowed: Record<string, readonly number[]> = {};
  for (const t of targets) allowed[t] = await endsOf(cluster, t);
  return {
    ...{ action, filter, maxRedrives, includeQuarantined, forceUnknownSchema },
    ...(max === undefined ? {} : { max }),
    ...(file === undefined ? {} : { file: file.sha256 }),
    ...{ topic, ends, controlEnds, targets: allowed },
  };
};

/** What it would do; notes that somebody looked, and changes nothing. `list`: how many letters to name. */
export const dryRun = async (
  o: Letters,
  request: OperationRequest,
  deps: OperationDeps,
  list: number,
): Promise<Plan> => {
  const note = noteOf(o, request, deps.pace);
  const known = await begunBefore(note, request);
  const scope = known === undefined || request.scoped ? await scopeOf(o, request) : known;
  const { r, prepared } = await planned(o, request, deps, scope);
  const plan = await planOf(r, prepared, list);
  await writeAudit(note, { action: 'dry-run', filter: filterText(scope.filter), counts: plan.counts });
  return plan;
};

/** Goes on with what was begun; what is new is agreed to first, then noted. */
const begun = async (
  o: Letters,
  request: OperationRequest,
  deps: OperationDeps,
  hooks: Hooks,
): Promise<Planned> => {
  const note = noteOf(o, request, deps.pace);
  const known = await begunBefore(note, request);
  const make = (): Promise<Scope> => scopeOf(o, request);
  const plan = (scope: Scope): Promise<Planned> => planned(o, request, deps, scope, hooks.progress);
  if (known !== undefined) return plan(await begin(note, known, make, request.scoped));
  const scope = await make();
  const first = await plan(scope);
  if (hooks.agree !== undefined) {
    const shown = await planOf(first.r, first.prepared, SHOWN);
    const n = Object.entries(shown.counts).reduce((sum, [k, v]) => (GOES.has(k) ? sum + v : sum), 0);
    if (n > 0) await hooks.agree(shown, n);
  }
  const noted = await begin(note, undefined, () => Promise.resolve(scope), true);
  // Another tool may have begun the same operation meanwhile.
  return encodeScope(noted) === encodeScope(scope) ? first : plan(noted);
};

/** Does it, and resolves when every letter has its result or the tasks have fallen silent. Both ends are noted. */
export const runOperation = async (
  o: Letters,
  request: OperationRequest,
  deps: OperationDeps,
  hooks: Hooks = {},
): Promise<Counts> => {
  const { r, prepared } = await begun(o, request, deps, hooks);
  hooks.begun?.();
  const counts = await redrive(r, prepared);
  const note = noteOf(o, request, deps.pace);
  const filter = filterText(r.scope.filter);
  await writeAudit(note, { action: `${request.action}-end`, filter, counts: counts.json() });
  return counts;
};
