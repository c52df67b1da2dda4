import { resetLimits, tasksOf } from '@verdikt/operate/dlq/reset.ts';
import { count } from '@verdikt/operate/text/count.ts';
import { durationMs } from '@verdikt/operate/text/when.ts';
import type { Flags } from '../shell/config.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { listOf, wholeNumber } from './dlq-options.ts';
import type { RedriveFlags } from './dlq-redrive.ts';

/** Closes the dead-letter limit of tasks. */
export const runReset = (shell: Shell, deps: DlqDeps, flags: Flags): Promise<Answer> => {
  const { dryRun = false, ...texts } = flags as RedriveFlags;
  const { partition, as, timeout, ...settings } = texts as Flags;
  const only = listOf(partition)?.map((p) => wholeNumber(p, 'partition') ?? 0);
  return withCluster(shell, deps, settings, undefined, async ({ cluster, names: { control } }) => {
    const tasks = await tasksOf({ cluster, control }, only);
    if (dryRun) return { text: `would reset ${count(tasks.length, 'task')}`, json: { dryRun, tasks } };
    const [operation, by] = [deps.newId(), as ?? deps.user()];
    const timeoutMs = durationMs(timeout ?? '60s', 'timeout');
    const { newReset: newId, pace } = deps;
    const results = await resetLimits({ cluster, control, operation, by, newId, timeoutMs, pace }, tasks);
    const text = [...results].map(([p, r]) => `task ${p}: ${r}`).join('\n');
    // A task that did not wait for anybody needs no reset.
    const bad = [...results.values()].includes('unanswered');
    return { text, json: { operation, tasks: Object.fromEntries(results) }, code: bad ? 1 : 0 };
  });
};
