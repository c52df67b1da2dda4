import { encodeCommand, type CommandResult } from '@verdikt/core/record/control.ts';
import { writeAudit } from './begin.ts';
import { ControlState } from './control-state.ts';
import { invalid } from './invalid.ts';
import type { DlqCluster, Pace } from './ports.ts';
import { appendAll } from './send-commands.ts';

const POLL_MS = 100;

type ResetResult = CommandResult | 'unanswered';

interface Reset {
  readonly cluster: DlqCluster;
  readonly control: string;
  readonly operation: string;
  readonly by: string;
  /** A UUID for each command. */
  readonly newId: () => string;
  readonly timeoutMs: number;
  readonly pace: Pace;
}

/** The tasks that are meant; undefined: all. Throws CONFIG_INVALID. */
export const tasksOf = async (
  { cluster, control }: Pick<Reset, 'cluster' | 'control'>,
  only: readonly number[] | undefined,
): Promise<readonly number[]> => {
  const n = await cluster.partitionsOf(control);
  const tasks = only ?? Array.from({ length: n }, (_, p) => p);
  const beyond = tasks.find((p) => p >= n);
  if (beyond !== undefined) throw invalid('partition', `there is no task ${beyond}`, `name one below ${n}`);
  return tasks;
};

/** One command to each task; waits for the answers. `stale` where nothing was waiting for an operator. */
export const resetLimits = async (
  { cluster, control, operation, by, newId, timeoutMs, pace }: Reset,
  tasks: readonly number[],
): Promise<ReadonlyMap<number, ResetResult>> => {
  const waiting = new Map<number, { id: string; at: number }>();
  const sink = await cluster.appender(control);
  try {
    for (const p of tasks) {
      const id = newId();
      waiting.set(p, { id, at: (await cluster.logs.bounds(control, p)).end });
      const command = { id, operation, issuedAt: pace.now(), by, action: 'reset' } as const;
      await appendAll(sink, [{ partition: p, record: encodeCommand(command, null) }], pace);
    }
  } finally {
    await sink.stop();
  }
  const results = new Map<number, ResetResult>(tasks.map((p) => [p, 'unanswered']));
  const state = new ControlState(operation);
  for (const end = pace.now() + timeoutMs; waiting.size > 0 && pace.now() < end;) {
    for (const [p, w] of waiting) {
      const to = (await cluster.logs.bounds(control, p)).end;
      if (to > w.at) await cluster.logs.scan(control, p, w.at, to, (r) => state.add(r));
      w.at = to;
      const answer = state.answer(w.id);
      if (answer === undefined) continue;
      results.set(p, answer.result);
      waiting.delete(p);
    }
    if (waiting.size > 0) await pace.pause(POLL_MS);
  }
  const counts: Record<string, number> = {};
  for (const r of results.values()) counts[r] = (counts[r] ?? 0) + 1;
  const note = { cluster, control, operation, by, pace };
  await writeAudit(note, { action: 'reset', filter: tasks.join(','), counts });
  return results;
};
