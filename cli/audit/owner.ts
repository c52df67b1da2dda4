import { decodeControl } from '@verdikt/core/record/control.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { DeadLetterLimit } from '@verdikt/engine/policy/dead-letter-limit.ts';
import { lettersOf } from '@verdikt/engine/restore/tail.ts';
import { lookAtTask, type LookOptions, type OffsetsReader } from '@verdikt/operate/offsets/look.ts';
import type { Finding } from './finding.ts';

/** What the task of a partition is looked at with. */
export type OwnerDeps = Pick<OffsetsReader, 'offset'> & Pick<LookOptions, 'wait' | 'late'>;

/** The dead-letter limit, as the processors are configured. */
export interface LimitOptions {
  readonly max: number;
  readonly windowMs: number;
}

interface Look {
  readonly cluster: { readonly logs: LogReader };
  readonly owner?: OwnerDeps;
  readonly now: () => number;
}

interface System {
  readonly topics: TopicNames;
  /** See core/record/system.ts. */
  readonly group: string;
  readonly limit?: LimitOptions;
}

/**
 * The task of a partition, beside its records: what it would stop with if it were taken now, and the limit that it has reached. `holds`:
 * it has records that may be held back.
 */
export const ownerOf = async (
  { cluster: { logs }, owner, now }: Look,
  { topics, group: system, limit }: System,
  partition: number,
  partitions: number,
  holds: boolean,
): Promise<{ readonly stopped: Finding | undefined; readonly limited: LimitOptions | undefined }> => {
  const reached = holds && limit !== undefined && (await limitReached(logs, topics, partition, now(), limit));
  const limited = reached ? limit : undefined;
  if (owner === undefined) return { stopped: undefined, limited };
  const look = { topics, system, partitions, lanes: false, wait: owner.wait, late: owner.late };
  const { error, committed } = await lookAtTask({ logs, offset: owner.offset }, look, partition);
  if (error === undefined) return { stopped: undefined, limited };
  const at = `${topics.words}-${partition}@${committed ?? 0}`;
  return { stopped: { kind: 'stopped', at, partition, detail: `${error.message} [${error.code}]` }, limited };
};

/**
 * True when the last dead letters of a task are as many as it may write within the window, most of them rejects, and no operator has
 * reset the limit since: the task holds any further one back.
 */
const limitReached = async (
  logs: LogReader,
  topics: TopicNames,
  partition: number,
  now: number,
  { max, windowMs }: LimitOptions,
): Promise<boolean> => {
  const { end } = await logs.bounds(topics.deadLetters, partition);
  const letters = await lettersOf(logs, topics.deadLetters, partition, end, 0, max);
  if (letters.length < max) return false;
  let resetAt = -Infinity;
  const control = await logs.bounds(topics.control, partition);
  await logs.scan(topics.control, partition, control.start, control.end, (record) => {
    const c = decodeControl(record);
    if (c.kind === 'answer' && c.answer.action === 'reset' && c.answer.result === 'applied')
      resetAt = record.timestamp;
  });
  // How it tries again is no matter here.
  const limit = new DeadLetterLimit({ max, windowMs, backOffMs: 1, maxBackOffMs: 1 }, now, letters, resetAt);
  return limit.state(now) === 'operator';
};
