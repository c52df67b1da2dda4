import { decodeControl } from '@verdikt/core/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '../ports.ts';
import { Applied } from './applied.ts';
import type { Policy } from './policy.ts';

export interface RestoredControl {
  readonly applied: Applied;
  /** When an operator last reset the limit of the task; milliseconds since 1970, -Infinity: never. */
  readonly resetAt: number;
  /** The first command without answer. */
  readonly nextOffset: bigint;
}

/**
 * What operators have had done, from the answers in the control partition. They also tell which commands are answered: commands
 * are answered in order, so that none is carried out again though the committed offset has expired.
 *
 * Commands that were deleted unread are gone: whoever sent them has no answer. Rejects with OFFSET_LOST when the log ends before
 * the committed offset: it was made anew, and what was done is forgotten with it.
 */
export const restoreControl = async (
  logs: LogReader,
  policy: Policy,
  committed: bigint | null,
): Promise<RestoredControl> => {
  const { topics, task } = policy;
  const { start, end } = await logs.bounds(topics.control, task);
  if (committed !== null && committed > BigInt(end)) {
    const message = `${topics.control}-${task}: committed offset ${committed} is past the end ${end}; was the topic made anew?`;
    throw new ServiceError('OFFSET_LOST', message, { topic: topics.control, partition: task, start, end });
  }
  const applied = new Applied(policy.seed, policy.commandsMax);
  let resetAt = -Infinity;
  let next = Math.max(start, Number(committed ?? 0));
  await logs.scan(topics.control, task, start, end, (record) => {
    const control = decodeControl(record);
    if (control.kind !== 'answer') return;
    const { answer, key } = control;
    // Whatever else an answer says, it lies after its command.
    if (answer.offset < record.offset) next = Math.max(next, answer.offset + 1);
    if (answer.result !== 'applied') return;
    applied.note(answer, key);
    if (answer.action === 'reset') resetAt = record.timestamp;
  });
  return { applied, resetAt, nextOffset: BigInt(next) };
};
