import { createHash } from 'node:crypto';
import type { Counts } from '@verdikt/operate/dlq/counts.ts';
import { invalid } from '@verdikt/operate/dlq/invalid.ts';
import { importLine, type Imported } from '@verdikt/operate/dlq/json-line.ts';
import { planText, type Plan } from '@verdikt/operate/dlq/plan.ts';
import { dryRun, runOperation, type OperationRequest } from '@verdikt/operate/dlq/run.ts';
import { count } from '@verdikt/operate/text/count.ts';
import { durationMs } from '@verdikt/operate/text/when.ts';
import { createProgress, resultText } from '../dlq/progress.ts';
import type { Flags } from '../shell/config.ts';
import { confirm } from '../shell/confirm.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { listOf, splitFilter, wholeNumber } from './dlq-options.ts';

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
  const { pace } = deps;
  const { operation, lines } = g;
  return withCluster(shell, deps, g.settings, g.topic ?? lines?.[0]?.topic, async (opened) => {
    const { config } = opened;
    const { by, filter, chosen, scoped, resumes, max, includeQuarantined, forceUnknownSchema, timeoutMs } = g;
    const request: OperationRequest = {
      ...{ action, operation, resumes, by, filter, chosen, scoped, max, timeoutMs },
      ...{ includeQuarantined, forceUnknownSchema, targets: g.targets ?? [], rate: g.perSecond },
      ...{ maxRedrives: config.maxRedrives, recordMaxBytes: config.recordMaxBytes },
      file:
        g.file === undefined || lines === undefined
          ? undefined
          : { sha256: createHash('sha256').update(g.file).digest('hex'), lines },
    };
    const core = { registry: deps.registry(config), pace };
    if (g.dryRun) return dryRunOf(action, operation, await dryRun(opened, request, core, g.list));
    const bar = json ? undefined : createProgress(deps.width, shell.draw, pace.now);
    const counts = await runOperation(opened, request, core, {
      agree: async (plan, n) => {
        const question = `${action === 'redrive' ? 'Redrive' : 'Skip'} ${count(n, 'dead letter')}?`;
        const { yes } = g;
        const { ask } = deps;
        await confirm({ plan: planText(action, plan), question, yes, strict: false, ask, show: shell.err });
      },
      begun: () =>
        shell.err(
          `Operation ${operation}. To resume it after a stop: verdikt dlq ${action} --operation ${operation}\n`,
        ),
      progress: (now) => bar?.update(now),
    }).finally(() => bar?.end());
    return answerOf(counts, action, operation);
  });
};

const dryRunOf = (action: string, operation: string, plan: Plan): Answer => {
  const { counts, letters, more } = plan;
  const json = { operation, dryRun: true, counts, letters: letters.map((l) => l.json), more };
  return { text: planText(action, plan), json };
};

const answerOf = (counts: Counts, action: string, operation: string): Answer => ({
  text: resultText(counts, action, operation),
  json: { operation, action, counts: counts.json(), reasons: Object.fromEntries(counts.reasons) },
  code: counts.allApplied ? 0 : 1,
});
