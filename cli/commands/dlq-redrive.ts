import { createHash } from 'node:crypto';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Flags } from '../shell/config.ts';
import { confirm } from '../shell/confirm.ts';
import { count } from '../shell/count.ts';
import { begin, endsOf, findBeginning, writeAudit, type Note } from '../dlq/begin.ts';
import type { Counts } from '../dlq/counts.ts';
import { filterText, type Filter } from '../dlq/filter.ts';
import { importLine, type Imported } from '../dlq/json-line.ts';
import { encodeScope, type Scope } from '../dlq/operation.ts';
import { planOf, planText, type Plan } from '../dlq/plan.ts';
import { createProgress, resultText } from '../dlq/progress.ts';
import { prepare, redrive, type Prepared, type Redrive } from '../dlq/redrive.ts';
import { fileSource, topicSource } from '../dlq/source.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { durationMs } from '../shell/when.ts';
import { withCluster, type DlqDeps, type Opened } from './dlq-cluster.ts';
import { invalid, listOf, splitFilter, wholeNumber } from './dlq-options.ts';

export type RedriveFlags = Flags & {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly all?: boolean;
  readonly forceUnknownSchema?: boolean;
  readonly includeQuarantined?: boolean;
  readonly includeOpen?: boolean;
  readonly includeParked?: boolean;
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const readLines = (text: string): Imported[] =>
  text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [importLine(line, i + 1)]));

/** Options that say what the operation is about; without any, one that was begun goes on as it was. */
const SCOPE_FLAGS = [
  'all',
  'max',
  'fromFile',
  'maxRedrives',
  'includeQuarantined',
  'forceUnknownSchema',
  'allowTarget',
];
/** Letters that are shown before the question. */
const SHOWN = 10;

/** The flags, read before anything is opened. */
const read = (shell: Shell, deps: DlqDeps, flags: RedriveFlags) => {
  const { dryRun = false, yes = false, all = false, ...more } = flags;
  const { forceUnknownSchema = false, includeQuarantined = false, ...texts } = more;
  const { filter, topic, rest } = splitFilter(texts as Flags, deps.pace.now());
  const { operation: asked, rate, max, as, timeout, fromFile, allowTarget, list, ...settings } = rest;
  if (asked !== undefined && !UUID.test(asked))
    throw invalid('operation', `${asked} is not a valid UUID`, 'correct it, or omit it');
  const perSecond = wholeNumber(rate, 'rate');
  if (perSecond === 0) throw invalid('rate', 'nothing would ever be sent', 'write at least 1');
  const filtered = Object.keys(filter).length > 0;
  if (all && filtered) throw invalid('all', 'a filter is given as well', 'leave out one of them');
  const file = fromFile === undefined ? undefined : shell.readFile(fromFile);
  return {
    ...{ dryRun, yes, forceUnknownSchema, includeQuarantined, filter, topic, perSecond, settings },
    ...{ max: wholeNumber(max, 'max'), list: wholeNumber(list, 'list') ?? 0, targets: listOf(allowTarget) },
    ...{ by: as ?? deps.user(), timeoutMs: durationMs(timeout ?? '60s', 'timeout'), file },
    lines: file === undefined ? undefined : readLines(file),
    resumes: asked !== undefined,
    operation: (asked ?? deps.newId()).toLowerCase(),
    /** It is said which letters are meant. */
    chosen: all || filtered || file !== undefined,
    scoped: filtered || topic !== undefined || SCOPE_FLAGS.some((name) => name in flags),
  };
};

export const runRedrive = (
  shell: Shell,
  deps: DlqDeps,
  flags: RedriveFlags,
  action: 'redrive' | 'skip',
  json: boolean,
): Promise<Answer> => {
  const g = read(shell, deps, flags);
  const { pace, registry } = deps;
  const { operation, lines, dryRun } = g;
  return withCluster(shell, deps, g.settings, g.topic ?? lines?.[0]?.topic, async (opened) => {
    const { cluster, config, names } = opened;
    const note: Note = { cluster, control: names.control, operation, by: g.by, pace };
    const known = g.resumes ? await findBeginning(note) : undefined;
    if (known === undefined && !g.chosen)
      throw invalid('all', `nothing says which letters to ${action}`, 'give a filter, or --all');
    const make = (): Promise<Scope> =>
      wanted(opened, {
        ...{ action, filter: g.filter, maxRedrives: config.maxRedrives },
        ...{ includeQuarantined: g.includeQuarantined, forceUnknownSchema: g.forceUnknownSchema },
        ...(g.max === undefined ? {} : { max: g.max }),
        ...(g.file === undefined ? {} : { file: createHash('sha256').update(g.file).digest('hex') }),
        targets: g.targets ?? [],
      });
    const bar = json ? undefined : createProgress(deps.width, shell.draw, pace.now);
    const planned = async (scope: Scope): Promise<{ r: Redrive; prepared: Prepared }> => {
      if (scope.file !== undefined && lines === undefined)
        throw invalid('fromFile', `operation ${operation} reads a file`, 'give it again with --from-file');
      const r: Redrive = {
        ...{ cluster, scope, operation, pace, control: names.control, quarantine: opened.quarantine },
        ...{ by: g.by, timeoutMs: g.timeoutMs, recordMaxBytes: config.recordMaxBytes },
        registry: registry(config),
        source: lines === undefined ? topicSource(cluster.logs, scope.topic) : fileSource(lines),
        ours: scope.topic === names.deadLetters,
        ...(g.perSecond === undefined ? {} : { rate: g.perSecond }),
        progress: (counts) => bar?.update(counts),
      };
      return { r, prepared: await prepare(r) };
    };
    if (dryRun) {
      const scope = known === undefined || g.scoped ? await make() : known;
      const { r, prepared } = await planned(scope);
      return dryRunOf(note, action, scope, await planOf(r, prepared, g.list));
    }
    const { r, prepared } = await begun(
      note,
      { known, make, planned, scoped: g.scoped },
      async (r, prepared) => {
        const plan = await planOf(r, prepared, SHOWN);
        const n = Object.entries(plan.counts).reduce((sum, [k, v]) => (GOES.has(k) ? sum + v : sum), 0);
        if (n === 0) return;
        const question = `${action === 'redrive' ? 'Redrive' : 'Skip'} ${count(n, 'dead letter')}?`;
        const { yes } = g;
        const { ask } = deps;
        await confirm({ plan: planText(action, plan), question, yes, strict: false, ask, show: shell.err });
      },
    );
    shell.err(
      `Operation ${operation}. To resume it after a stop: verdikt dlq ${action} --operation ${operation}\n`,
    );
    const counts = await redrive(r, prepared).finally(() => bar?.end());
    const filter = filterText(r.scope.filter);
    await writeAudit(note, { action: `${action}-end`, filter, counts: counts.json() });
    return answerOf(counts, action, operation);
  });
};

/** Counts of a plan of which something is written. */
const GOES: ReadonlySet<string> = new Set(['send', 'quarantine']);

interface Beginning {
  readonly known: Scope | undefined;
  readonly make: () => Promise<Scope>;
  readonly planned: (scope: Scope) => Promise<{ r: Redrive; prepared: Prepared }>;
  readonly scoped: boolean;
}

/** Goes on with what was begun; what is new is agreed to first, then noted. */
const begun = async (
  note: Note,
  { known, make, planned, scoped }: Beginning,
  agree: (r: Redrive, prepared: Prepared) => Promise<void>,
): Promise<{ r: Redrive; prepared: Prepared }> => {
  if (known !== undefined) return planned(await begin(note, known, make, scoped));
  const scope = await make();
  const plan = await planned(scope);
  await agree(plan.r, plan.prepared);
  const noted = await begin(note, undefined, () => Promise.resolve(scope), true);
  // Another tool may have begun the same operation meanwhile.
  return encodeScope(noted) === encodeScope(scope) ? plan : planned(noted);
};

const dryRunOf = async (note: Note, action: string, scope: Scope, plan: Plan): Promise<Answer> => {
  const { counts, letters, more } = plan;
  await writeAudit(note, { action: 'dry-run', filter: filterText(scope.filter), counts });
  const json = { operation: note.operation, dryRun: true, counts, letters: letters.map((l) => l.json), more };
  return { text: planText(action, plan), json };
};

const answerOf = (counts: Counts, action: string, operation: string): Answer => ({
  text: resultText(counts, action, operation),
  json: { operation, action, counts: counts.json(), reasons: Object.fromEntries(counts.reasons) },
  code: counts.allApplied ? 0 : 1,
});

const wanted = async (
  { cluster, names, topic, ours }: Opened,
  o: Omit<Scope, 'topic' | 'ends' | 'controlEnds' | 'targets'> & {
    filter: Filter;
    targets: readonly string[];
  },
): Promise<Scope> => {
  const { targets, ...scope } = o;
  if (o.action === 'skip' && !ours) throw invalid('topic', `nothing of ${topic} is parked`, 'leave it out');
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
      {
        topic,
      },
    );
  const allowed: Record<string, readonly number[]> = {};
  for (const t of targets) allowed[t] = await endsOf(cluster, t);
  return { ...scope, topic, ends, controlEnds, targets: allowed };
};
