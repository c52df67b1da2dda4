import { ServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/headers.ts';
import type { InRecord } from '@verdikt/core/record.ts';
import type { WrittenDeadLetter } from '../policy/dead-letter-limit.ts';
import type { LogReader } from '../ports.ts';
import type { Policy } from './policy.ts';
import { Commands } from './commands.ts';
import { LaneRebuild } from './rebuild.ts';
import { restoreControl } from './restore-control.ts';
import { TaskState } from './state.ts';

export interface Restored {
  readonly state: TaskState;
  readonly commands: Commands;
  /** Where `words` is to be read from. */
  readonly nextOffset: bigint;
  /** Where the control topic is to be read from. */
  readonly controlOffset: bigint;
}

/** Offsets that the task has committed; null: none. */
export interface CommittedOffsets {
  readonly words: bigint | null;
  readonly control: bigint | null;
}

/**
 * Builds the state of a task from Kafka alone. Call it after the fence, with the offset committed up to it: nobody older can
 * write any more, so the ends asked for here are final.
 *
 * Rejects with OFFSET_LOST when records between the committed offset and the log are gone, or when the task has results but no
 * committed offset: going on would lose or double records.
 */
export const restore = async (
  logs: LogReader,
  policy: Policy,
  committed: CommittedOffsets,
  now: number,
  longestDelayMs: number,
): Promise<Restored> => {
  const { topics, task } = policy;
  const [words, results, retry, deadLetters] = await Promise.all(
    [topics.words, topics.results, topics.retry, topics.deadLetters].map((t) => logs.bounds(t, task)),
  );
  const judged = committed.words === null && (await hasResults(logs, topics.results, task, results));
  const nextOffset = startOf(committed.words, words, judged, topics.words, task);
  const control = await restoreControl(logs, policy, committed.control);

  const since = now - policy.dedupWindowMs;
  // Dead letters first: the limit is part of the state.
  const letters: WrittenDeadLetter[] = [];
  const most = policy.deadLetterMax * LOOK_BACK;
  await tail(logs, topics.deadLetters, task, deadLetters.end, since, most, (r) => {
    // What an operator gave up tells nothing of the state of things.
    if (r.header(H.command) === undefined) letters.push(written(r));
  });
  const limit = policy.newLimit(now, letters, control.resetAt);
  const state = new TaskState(policy, limit, retry.start, retry.end);
  state.position = Number(nextOffset);
  const lanes = new LaneRebuild(state);
  await logs.scan(topics.retry, task, retry.start, retry.end, (r) => {
    lanes.visit(r);
  });

  if (policy.dedup) {
    const remember = (r: InRecord): void => {
      if (r.headerText(H.disposition) === 'parked') return;
      const origin = Number(r.headerText(H.origin) ?? r.offset);
      const redrive = Number(r.headerText(H.redrive) ?? 0);
      const { who, seen } = state.outstanding;
      // A redriven record is also known by what it was submitted as.
      for (const count of redrive > 0 ? [redrive, 0] : [0]) {
        who.identify(r, origin, count);
        seen.decided(who.identity, r.timestamp);
      }
    };
    await tail(logs, topics.results, task, results.end, since, policy.dedupMaxIds, remember);
    await tail(logs, topics.deadLetters, task, deadLetters.end, since, policy.dedupMaxIds, remember);
  }
  lanes.finish(now, longestDelayMs);
  const commands = new Commands(state, control.applied);
  return { state, commands, nextOffset, controlOffset: control.nextOffset };
};

/** Dead letters looked at for each that the limit counts: those of operators lie between them. */
const LOOK_BACK = 4;

const written = (r: InRecord): WrittenDeadLetter => ({
  at: r.timestamp,
  kind: r.headerText(H.kind) === 'reject' ? 'reject' : 'retry-exhausted',
});

/** Markers and aborted records are none: a task may fail in its very first transaction. */
const hasResults = async (
  logs: LogReader,
  topic: string,
  task: number,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<boolean> => {
  let found = start > 0;
  if (!found) await logs.scan(topic, task, start, end, () => (found = true));
  return found;
};

const startOf = (
  committed: bigint | null,
  words: { readonly start: number; readonly end: number },
  judged: boolean,
  topic: string,
  task: number,
): bigint => {
  const where = { topic, partition: task, committed: committed?.toString() ?? null, ...words };
  if (committed === null) {
    if (!judged) return BigInt(words.start);
    const message = `${topic}-${task} has results but no committed offset; set the group's offset by hand`;
    throw new ServiceError('OFFSET_LOST', message, where);
  }
  if (committed < BigInt(words.start)) {
    const message = `${topic}-${task}: records from ${committed} to ${words.start} are gone before they were judged`;
    throw new ServiceError('OFFSET_LOST', message, where);
  }
  if (committed > BigInt(words.end)) {
    const message = `${topic}-${task}: committed offset ${committed} is past the end ${words.end}; was the topic made anew?`;
    throw new ServiceError('OFFSET_LOST', message, where);
  }
  return committed;
};

const tail = async (
  logs: LogReader,
  topic: string,
  task: number,
  end: number,
  since: number,
  most: number,
  visit: (record: InRecord) => void,
): Promise<void> => {
  if (end === 0 || most === 0) return;
  const from = Math.max(await logs.offsetAt(topic, task, since), end - most, 0);
  if (from < end) await logs.scan(topic, task, from, end, visit);
};
