import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { WrittenDeadLetter } from '../policy/dead-letter-limit.ts';

/** Dead letters looked at for each that the limit counts: those of operators lie between them. */
const LOOK_BACK = 4;

/** Visits the newest records of an output: at most so many, none older than `since`. Returns where it began. */
export const tail = async (
  logs: LogReader,
  topic: string,
  task: number,
  end: number,
  since: number,
  most: number,
  visit: (record: InRecord) => void,
): Promise<number> => {
  if (end === 0 || most <= 0 || since === -Infinity) return end;
  const from = Math.max(await logs.offsetAt(topic, task, since), end - most, 0);
  if (from < end) await logs.scan(topic, task, from, end, visit);
  return from;
};

/** The dead letters below `end` that count for the limit of a task, oldest first: the last `max` of them, unless others lie between. */
export const lettersOf = async (
  logs: LogReader,
  topic: string,
  task: number,
  end: number,
  since: number,
  max: number,
): Promise<WrittenDeadLetter[]> => {
  const letters: WrittenDeadLetter[] = [];
  await tail(logs, topic, task, end, since, max * LOOK_BACK, (r) => {
    // What an operator gave up tells nothing of the state of things, and what others wrote neither.
    if (r.header(H.command) !== undefined || r.header(H.origin) === undefined) return;
    letters.push({
      at: r.timestamp,
      kind: r.headerText(H.kind) === 'reject' ? 'reject' : 'retry-exhausted',
    });
  });
  return letters;
};
