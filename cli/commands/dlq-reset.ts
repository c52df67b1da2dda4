import { encodeCommand, type CommandResult } from '@verdikt/core/record/control.ts';
import type { Flags } from '../shell/config.ts';
import { writeAudit } from '../dlq/begin.ts';
import { ControlState } from '../dlq/control-state.ts';
import { appendAll } from '../dlq/send-commands.ts';
import type { Answer, Shell } from '../shell/shell.ts';
import { durationMs } from '../shell/when.ts';
import { withCluster, type DlqDeps } from './dlq-cluster.ts';
import { invalid, listOf, wholeNumber } from './dlq-options.ts';
import type { RedriveFlags } from './dlq-redrive.ts';
import { count } from '../shell/count.ts';

const POLL_MS = 100;
type Outcome = CommandResult | 'unanswered';

/** One command to each task; waits for the answers. `refused` where nothing was waiting for an operator. */
export const runReset = (shell: Shell, deps: DlqDeps, flags: Flags): Promise<Answer> => {
  const { dryRun = false, ...texts } = flags as RedriveFlags;
  const { partition, as, timeout, ...settings } = texts as Flags;
  const { pace } = deps;
  const only = listOf(partition)?.map((p) => wholeNumber(p, 'partition') ?? 0);
  return withCluster(shell, deps, settings, undefined, async ({ cluster, names }) => {
    const { control } = names;
    const n = await cluster.partitionsOf(control);
    const tasks = only ?? Array.from({ length: n }, (_, p) => p);
    const beyond = tasks.find((p) => p >= n);
    if (beyond !== undefined) throw invalid('partition', `there is no task ${beyond}`, `name one below ${n}`);
    if (dryRun) return { text: `would reset ${count(tasks.length, 'task')}`, json: { dryRun, tasks } };
    const [operation, by] = [deps.newId(), as ?? deps.user()];
    const waiting = new Map<number, { id: string; at: number }>();
    const sink = await cluster.appender(control);
    try {
      for (const p of tasks) {
        const id = deps.newReset();
        waiting.set(p, { id, at: (await cluster.logs.bounds(control, p)).end });
        const command = { id, operation, issuedAt: pace.now(), by, action: 'reset' } as const;
        await appendAll(sink, [{ partition: p, record: encodeCommand(command, null) }], pace);
      }
    } finally {
      await sink.stop();
    }
    const outcomes = new Map<number, Outcome>(tasks.map((p) => [p, 'unanswered']));
    const state = new ControlState(operation);
    for (
      const end = pace.now() + durationMs(timeout ?? '60s', 'timeout');
      waiting.size > 0 && pace.now() < end;
    ) {
      for (const [p, w] of waiting) {
        const to = (await cluster.logs.bounds(control, p)).end;
        if (to > w.at) await cluster.logs.scan(control, p, w.at, to, (r) => state.add(r));
        w.at = to;
        const answer = state.answer(w.id);
        if (answer === undefined) continue;
        outcomes.set(p, answer.result);
        waiting.delete(p);
      }
      if (waiting.size > 0) await pace.pause(POLL_MS);
    }
    const counts: Record<string, number> = {};
    for (const o of outcomes.values()) counts[o] = (counts[o] ?? 0) + 1;
    await writeAudit(
      { cluster, control, operation, by, pace },
      { action: 'reset', filter: tasks.join(','), counts },
    );
    const text = [...outcomes].map(([p, o]) => `task ${p}: ${o}`).join('\n');
    // A task that did not wait for anybody needs no reset.
    const bad = (counts['unanswered'] ?? 0) > 0;
    return { text, json: { operation, tasks: Object.fromEntries(outcomes) }, code: bad ? 1 : 0 };
  });
};
