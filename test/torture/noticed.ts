import type { ErrorCode } from '@verdikt/core/errors.ts';
import { metricsOf } from '../support/system/metrics.ts';
import type { Service, System } from '../support/system/system.ts';
import { lastAnswer } from '../support/wait.ts';
import type { Stage } from './cell.ts';

/** Something that a processor must notice by itself and tell. */
export interface Trouble {
  readonly code: ErrorCode;
  /** Of the task that must wait. */
  readonly task?: number;
  /** With too many partitions. */
  readonly topic?: string;
}

const WITHIN_MS = 60_000;
const POLL_MS = 500;

/** What `/readyz` says; empty where the process does not answer. */
const readiness = async ({ management }: Service): Promise<{ ok: boolean; body: string }> => {
  try {
    const answer = await fetch(`${management}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return { ok: answer.ok, body: await answer.text() };
  } catch {
    return { ok: false, body: '' };
  }
};

/** The line of a readiness answer that tells of that trouble. */
export const lineAbout = (body: string, { code, task }: Trouble): string | undefined =>
  body
    .split('\n')
    .find((line) => line.includes(code) && (task === undefined || new RegExp(`task ${task}\\b`).test(line)));

/** Whether metrics tell of it; what concerns neither a task nor a topic has none. */
export const inMetrics = (page: string, { code, task, topic }: Trouble): boolean => {
  const has = (name: string, labels: readonly string[]): boolean =>
    page
      .split('\n')
      .some((l) => l.startsWith(`${name}{`) && l.endsWith(' 1') && labels.every((x) => l.includes(x)));
  if (task !== undefined) return has('verdikt_task_blocked', [`partition="${task}"`, `code="${code}"`]);
  return topic === undefined || has('verdikt_topic_changed', [`topic="${topic}"`]);
};

/** What one process leaves untold of it; empty: it tells by readiness, log and metric. */
const untold = async (p: Service, t: Trouble): Promise<{ missing: string[]; line: string }> => {
  const { ok, body } = await readiness(p);
  const line = lineAbout(body, t);
  const [log, page] = await Promise.all([p.log(), metricsOf(p).catch(() => '')]);
  const missing = [
    ...(!ok && line !== undefined ? [] : ['readiness']),
    ...(log.includes(`"code":"${t.code}"`) ? [] : ['log']),
    ...(inMetrics(page, t) ? [] : ['metric']),
  ];
  return { missing, line: line ?? '' };
};

const nameOf = ({ code, task, topic }: Trouble): string =>
  [code, ...(task === undefined ? [] : [`task ${task}`]), ...(topic === undefined ? [] : [topic])].join(', ');

/**
 * Waits until one of these processes tells of it in all ways and answers the line of its readiness. After a minute it is a finding,
 * and undefined.
 */
export const noticed = async (
  stage: Stage,
  processors: () => readonly Service[],
  t: Trouble,
  withinMs = WITHIN_MS,
): Promise<string | undefined> => {
  const since = Date.now();
  for (;;) {
    const told = await Promise.all(processors().map((p) => untold(p, t)));
    const best = told.sort((a, b) => a.missing.length - b.missing.length).at(0);
    if (best?.missing.length === 0) {
      stage.mark('note', `${nameOf(t)}: noticed after ${((Date.now() - since) / 1_000).toFixed(1)} s`);
      return best.line;
    }
    if (Date.now() - since > withinMs) {
      const missing = best?.missing.join(', ') ?? 'everything';
      stage.fail(`${nameOf(t)}: not noticed within ${withinMs / 1_000} s; missing: ${missing}`);
      return undefined;
    }
    await stage.pause(POLL_MS);
  }
};

/** Waits until none of these processes is held up by it any more. */
export const over = async (
  stage: Stage,
  processors: () => readonly Service[],
  t: Trouble,
  withinMs = WITHIN_MS,
): Promise<void> => {
  const gone = async (): Promise<boolean> => {
    const bodies = await Promise.all(processors().map(readiness));
    return bodies.every(({ body }) => body !== '' && lineAbout(body, t) === undefined);
  };
  if (!(await lastAnswer(gone, Boolean, { withinMs, everyMs: POLL_MS })))
    stage.fail(`${nameOf(t)}: still there after the remedy`);
};

const COMMAND = /`(?:npm run )?verdikt (?:-- )?([^`]+)`/;

/** Arguments of the command that a text names as the remedy; the task is added where the text leaves it out. */
export const remedyIn = (text: string, task: number): string[] | undefined => {
  const found = COMMAND.exec(text);
  if (found === null) return undefined;
  const args = found[1]
    .trim()
    .split(/\s+/)
    .map((a) => (a === 'N' ? String(task) : a));
  return args[0] !== 'offsets' || args.includes('--partition')
    ? args
    : [...args, '--partition', String(task)];
};

/** Does what the text says, with the real tool. */
export const carryOut = async (stage: Stage, system: System, text: string, task: number): Promise<void> => {
  const args = remedyIn(text, task);
  if (args === undefined) return stage.fail(`no remedy is named: ${text}`);
  const { code, stdout, stderr } = await system.tool(args);
  const said = stdout + stderr;
  stage.mark('healed', `verdikt ${args.join(' ')}: ${said.trim()}`);
  if (code !== 0) stage.fail(`verdikt ${args.join(' ')} ended with ${code}: ${said.slice(-300)}`);
};
