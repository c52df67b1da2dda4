import type { Clock } from '@verdikt/core/ports/clock.ts';
import type { ErrorCode } from '@verdikt/core/errors.ts';
import type { RecordSource } from '@verdikt/core/ports/source.ts';
import type { TaskTransaction, TaskTransactions } from '@verdikt/core/ports/transactions.ts';

/** At least half of the first back-off of a task that failed. */
const LEAST_BACK_OFF_MS = 50;

/** How a process is to behave towards the others: safe without, but they would throw each other out in turns. */
export interface Manners {
  transactions(inner: TaskTransactions): TaskTransactions;
  source(inner: RecordSource): RecordSource;
  owns(task: number, inner: Promise<boolean>): Promise<boolean>;
  /** The task was assigned just now. */
  started(task: number): void;
  failed(task: number, code: ErrorCode): void;
  /** A check begins; `mine`: checks of this task that run already. */
  began(task: number, mine: number): void;
  ended(task: number): void;
  /** What a process that has stopped has left behind. */
  leftBehind(): string[];
}

/**
 * `limit`: checks that may run at once, of all tasks together. A task without any may always begin one. `done`: the process
 * has said that it has stopped.
 */
export const createManners = (
  limit: number,
  budgetLeft: () => boolean,
  clock: Clock,
  done: () => boolean,
  wrong: (what: string) => void,
): Manners => {
  const thrownOut = new Set<number>();
  const failedAt = new Map<number, number>();
  const open = new Set<TaskTransaction>();
  const reading = new Set<number>();
  let running = 0;
  const byTask = new Map<number, number>();
  return {
    transactions: (inner) => ({
      fence: async (task) => {
        if (thrownOut.has(task)) wrong(`task ${task}: fenced again without proof that it is still its own`);
        const at = failedAt.get(task);
        if (at !== undefined && clock.now() < at + LEAST_BACK_OFF_MS)
          wrong(`task ${task}: no back-off after an error`);
        failedAt.delete(task);
        if (done()) wrong(`task ${task}: fenced after the process has stopped`);
        const t = await inner.fence(task);
        open.add(t);
        return {
          ...t,
          commit: (plan, inspect) => {
            if (done()) wrong(`task ${task}: a commit begun after the process has stopped`);
            return t.commit(plan, inspect);
          },
          close: () => {
            open.delete(t);
            return t.close();
          },
        };
      },
    }),
    source: (inner) => ({
      ...inner,
      open: (task, nextOffset, onReady) => {
        reading.add(task);
        inner.open(task, nextOffset, onReady);
      },
      close: (task) => {
        reading.delete(task);
        inner.close(task);
      },
    }),
    owns: async (task, inner) => {
      const answer = await inner;
      if (answer) thrownOut.delete(task);
      return answer;
    },
    started: (task) => {
      thrownOut.delete(task);
      failedAt.delete(task);
    },
    failed: (task, code) => {
      failedAt.set(task, clock.now());
      if (code === 'PRODUCER_FENCED') thrownOut.add(task);
    },
    began: (task, mine) => {
      // One of each other task may have begun without asking, also after this one had its place and waited for a schema.
      const others = [...byTask].filter(([t, n]) => t !== task && n > 0).length;
      if (mine > 0 && running - others >= limit) wrong(`${running + 1} checks run at once, at most ${limit}`);
      running++;
      byTask.set(task, (byTask.get(task) ?? 0) + 1);
    },
    ended: (task) => {
      running--;
      byTask.set(task, (byTask.get(task) ?? 0) - 1);
    },
    leftBehind: () => [
      ...(open.size > 0 ? [`${open.size} transactions left open`] : []),
      ...(reading.size > 0 ? [`tasks ${[...reading].join()} left open at the source`] : []),
      ...(running > 0 ? [] : budgetLeft() ? [] : ['checks have ended, their budget was not given back']),
    ],
  };
};
