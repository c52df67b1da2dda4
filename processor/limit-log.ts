import type { Log } from '@verdikt/core/ports/log.ts';
import { resetCommand } from '@verdikt/core/service/processor-status.ts';
import type { Limit } from '@verdikt/engine/policy/task-context.ts';

/** What a limit is for people: half-open is how an open one looks whether it may close. */
type LimitState = 'closed' | 'open' | 'operator';
export const limitState = (state: ReturnType<Limit['state']>): LimitState =>
  state === 'half-open' ? 'open' : state;

/** What the limit of this task does, as one sentence; undefined while it does nothing. */
export const limitText = (task: number, state: LimitState): string | undefined => {
  switch (state) {
    case 'closed':
      return undefined;
    case 'open':
      return `task ${task}: the dead-letter limit is open; further dead letters wait in their lanes, and one record is tried now and then`;
    case 'operator':
      return `task ${task}: the dead-letter limit waits for an operator, for most dead letters are rejects; further ones wait in their lanes until \`${resetCommand(task)}\``;
  }
};

/** Watches the limits of all tasks of a process and logs each change once, be it one that a restart of the task brings. */
export const createLimitLog = (log: Log): ((task: number, limit: Limit, now: number) => Limit) => {
  const last = new Map<number, LimitState>();
  const tell = (task: number, state: LimitState): void => {
    if (state === (last.get(task) ?? 'closed')) return;
    last.set(task, state);
    const text = limitText(task, state) ?? `task ${task}: the dead-letter limit is closed again`;
    const fields = { task, limit: state, code: 'DEAD_LETTER_LIMIT' };
    if (state === 'operator') log.error(fields, text);
    else log.warn(fields, text);
  };
  return (task, limit, since) => {
    tell(task, limitState(limit.state(since)));
    const told = <T>(now: number, result: T): T => {
      tell(task, limitState(limit.state(now)));
      return result;
    };
    return {
      state: (now) => limit.state(now),
      probe: (now) => limit.probe(now),
      heldUntil: (now) => limit.heldUntil(now),
      admit: (now, kind, isProbe) => told(now, limit.admit(now, kind, isProbe)),
      succeeded: (now, isProbe) => told(now, limit.succeeded(now, isProbe)),
      reset: () => {
        limit.reset();
        tell(task, 'closed');
      },
    };
  };
};
