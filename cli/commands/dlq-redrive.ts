import { createHash } from 'node:crypto';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Flags } from '../shell/config.ts';
import { begin, endsOf, findBeginning, writeAudit, type Note } from '../dlq/begin.ts';
import type { Counts } from '../dlq/counts.ts';
import { filterText, type Filter } from '../dlq/filter.ts';
import { importLine, type Imported } from '../dlq/json-line.ts';
import type { Scope } from '../dlq/operation.ts';
import { createProgress, resultText } from '../dlq/progress.ts';
import { planned, prepare, redrive, type Redrive } from '../dlq/redrive.ts';
import { fileSource, topicSource } from '../dlq/source.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { durationMs } from '../shell/when.ts';
import { withCluster, type DlqDeps, type Opened } from './dlq-cluster.ts';
import { invalid, listOf, splitFilter, wholeNumber } from './dlq-options.ts';

export type RedriveFlags = Flags & {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
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
  'max',
  'fromFile',
  'maxRedrives',
  'includeQuarantined',
  'forceUnknownSchema',
  'allowTarget',
];

export const runRedrive = (
  shell: Shell,
  deps: DlqDeps,
  flags: RedriveFlags,
  action: 'redrive' | 'skip',
  json: boolean,
): Promise<Answer> => {
  const { pace } = deps;
  const { dryRun = false, forceUnknownSchema = false, includeQuarantined = false, ...texts } = flags;
  const { filter, topic, rest } = splitFilter(texts as Flags, pace.now());
  const { operation: asked, rate, max, as, timeout, fromFile, allowTarget, ...settings } = rest;
  if (asked !== undefined && !UUID.test(asked))
    throw invalid('operation', `${asked} is not a valid UUID`, 'correct it, or omit it');
  const perSecond = wholeNumber(rate, 'rate');
  if (perSecond === 0) throw invalid('rate', 'nothing would ever be sent', 'write at least 1');
  const text = fromFile === undefined ? undefined : shell.readFile(fromFile);
  const lines = text === undefined ? undefined : readLines(text);
  const operation = (asked ?? deps.newId()).toLowerCase();
  const optionsGiven =
    Object.keys(filter).length > 0 || topic !== undefined || SCOPE_FLAGS.some((name) => name in flags);

  return withCluster(shell, deps, settings, topic ?? lines?.[0]?.topic, async (opened) => {
    const { cluster, config, names } = opened;
    const note: Note = { cluster, control: names.control, operation, by: as ?? deps.user(), pace };
    const known = asked === undefined ? undefined : await findBeginning(note);
    const scope = await scopeFor(note, known, dryRun, optionsGiven, () =>
      wanted(opened, {
        ...{ action, filter, maxRedrives: config.maxRedrives, includeQuarantined, forceUnknownSchema },
        ...(max === undefined ? {} : { max: wholeNumber(max, 'max') ?? 0 }),
        ...(text === undefined ? {} : { file: createHash('sha256').update(text).digest('hex') }),
        targets: listOf(allowTarget) ?? [],
      }),
    );
    if (scope.file !== undefined && lines === undefined)
      throw invalid('fromFile', `operation ${operation} reads a file`, 'give it again with --from-file');
    const bar = json ? undefined : createProgress(deps.width, shell.draw, pace.now);
    const r: Redrive = {
      ...{
        cluster,
        scope,
        operation,
        pace,
        control: names.control,
        quarantine: opened.quarantine,
        by: note.by,
      },
      registry: deps.registry(config),
      source: lines === undefined ? topicSource(cluster.logs, scope.topic) : fileSource(lines),
      ours: scope.topic === names.deadLetters,
      ...(perSecond === undefined ? {} : { rate: perSecond }),
      timeoutMs: durationMs(timeout ?? '60s', 'timeout'),
      recordMaxBytes: config.recordMaxBytes,
      progress: (counts) => bar?.update(counts),
    };
    if (!dryRun)
      shell.err(
        `Operation ${operation}. To resume it after a stop: verdikt dlq ${action} --operation ${operation}\n`,
      );
    const prepared = await prepare(r);
    if (dryRun) {
      const counts = planned(prepared, scope);
      await writeAudit(note, { action: 'dry-run', filter: filterText(scope.filter), counts });
      return { text: plannedText(action, counts), json: { operation, dryRun: true, counts } };
    }
    const counts = await redrive(r, prepared).finally(() => bar?.end());
    await writeAudit(note, {
      action: `${action}-end`,
      filter: filterText(scope.filter),
      counts: counts.json(),
    });
    return answerOf(counts, action, operation);
  });
};

const answerOf = (counts: Counts, action: string, operation: string): Answer => ({
  text: resultText(counts, action, operation),
  json: { operation, action, counts: counts.json(), reasons: Object.fromEntries(counts.reasons) },
  code: counts.allApplied ? 0 : 1,
});

const plannedText = (action: string, counts: Readonly<Record<string, number>>): string =>
  [
    `would ${action} ${counts['send'] ?? 0} of ${counts['selected'] ?? 0} dead letters`,
    ...Object.entries(counts)
      .filter(([name]) => name !== 'selected' && name !== 'send')
      .map(([name, n]) => `  ${name} ${n}`),
  ].join('\n');

/** A dry run notes no beginning. */
const scopeFor = (
  note: Note,
  known: Scope | undefined,
  dryRun: boolean,
  optionsGiven: boolean,
  make: () => Promise<Scope>,
): Promise<Scope> => {
  if (!dryRun) return begin(note, known, make, optionsGiven);
  return known === undefined || optionsGiven ? make() : Promise.resolve(known);
};

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
      `${topic} has ${ends.length} partitions, ${names.control} ${controlEnds.length}.`,
      {
        topic,
      },
    );
  const allowed: Record<string, readonly number[]> = {};
  for (const t of targets) allowed[t] = await endsOf(cluster, t);
  return { ...scope, topic, ends, controlEnds, targets: allowed };
};
