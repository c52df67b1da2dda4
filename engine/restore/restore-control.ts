import { decodeControl } from '@verdikt/core/record/control.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { Applied } from '../commands/applied.ts';
import type { TaskContext } from '../policy/task-context.ts';

interface RestoredControl {
  readonly applied: Applied;
  /** When an operator last reset the limit of the task; milliseconds since 1970, -Infinity: never. */
  readonly resetAt: number;
  /** The first command without answer. */
  readonly nextOffset: bigint;
  /** Up to where the partition was read. */
  readonly end: number;
}

/**
 * What operators have had done, from the answers in the control partition. They also tell which commands are answered: commands
 * are answered in order, so that none is carried out again though the committed offset has expired.
 *
 * Commands that were deleted unread are gone: their senders get no answer. Rejects with OFFSET_LOST when the log ends before
 * the committed offset, and what was done is forgotten with it, unless an operator has `accepted` that.
 */
export const restoreControl = async (
  logs: LogReader,
  context: TaskContext,
  committed: bigint | null,
  accepted: boolean,
): Promise<RestoredControl> => {
  const { topics, task } = context;
  const { start, end } = await logs.bounds(topics.control, task);
  const past = committed !== null && committed > BigInt(end);
  if (past && !accepted) {
    const message = `${topics.control}-${task}: committed offset ${committed} is past the end ${end}: its end was lost; \`verdikt offsets set --partition ${task}\` accepts that`;
    throw new ServiceError('OFFSET_LOST', message, { topic: topics.control, partition: task, start, end });
  }
  const applied = new Applied(context.seed, context.commandsMax);
  let resetAt = -Infinity;
  let next = past ? start : Math.max(start, Number(committed ?? 0));
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
  return { applied, resetAt, nextOffset: BigInt(next), end };
};
