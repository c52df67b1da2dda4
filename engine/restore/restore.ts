import type { OffsetMetadata, Recall } from '@verdikt/core/record/commit-note.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import { Commands } from '../commands/commands.ts';
import { checkLogs, entriesLost } from './check-logs.ts';
import { missingEntries } from './expected.ts';
import { nameLost } from './name-lost.ts';
import type { TaskContext } from '../policy/task-context.ts';
import { LaneRebuild } from './rebuild.ts';
import { restoreControl } from './restore-control.ts';
import { lettersOf, tail } from './tail.ts';
import { newParts } from '../state/parts.ts';
import { TaskState } from '../state/state.ts';

export interface Restored {
  readonly state: TaskState;
  readonly commands: Commands;
  /** Where `words` is to be read from. */
  readonly nextOffset: bigint;
  /** Where the control topic is to be read from. */
  readonly controlOffset: bigint;
  /** Up to where the control partition was read. */
  readonly controlEnd: number;
}

/** What the task has committed; null: nothing. */
interface CommittedOffsets {
  readonly words: bigint | null;
  readonly control: bigint | null;
  /** Beside the offset of `words`. */
  readonly metadata: OffsetMetadata;
}

/**
 * Builds the state of a task from Kafka alone. Call it after the fence, with what was committed up to it: nobody older can write
 * any more, so the ends asked for here are final. What is read is held against what the last commit says of it.
 *
 * Rejects with OFFSET_LOST when records that the task needs are gone, OFFSET_MOVED when the committed offset is not where this
 * system left it, TOPIC_CHANGED when a topic is another one than it was, TOPIC_TAKEN when another system writes to the outputs:
 * going on would lose or double records.
 */
export const restore = async (
  logs: LogReader,
  context: TaskContext,
  committed: CommittedOffsets,
  now: number,
  longestDelayMs: number,
): Promise<Restored> => {
  const { topics, task } = context;
  const { metadata } = committed;
  const { note, ids, words, results, retry, deadLetters, past, nextOffset } = await checkLogs(
    logs,
    context,
    committed,
  );
  const control = await restoreControl(logs, context, committed.control, metadata.kind === 'accepted');

  // Dead letters first: the limit is part of the state. While records wait, a flood of rejects may hold them, however long ago it came.
  const limitSince = note?.live === 0 ? now - context.dedupWindowMs : 0;
  const { end } = deadLetters;
  const letters = await lettersOf(logs, topics.deadLetters, task, end, limitSince, context.deadLetterMax);
  const limit = context.newLimit(now, letters, control.resetAt);
  const ends = { results: results.end, retry: retry.end, deadLetters: deadLetters.end };
  const position = Number(nextOffset);
  const parts = newParts(context, limit, { ids, ends }, retry.start, position);
  const { outstanding, ledger } = parts;
  const { dedup } = outstanding;
  const { entries } = outstanding.lanes;
  const lanes = new LaneRebuild(outstanding, context.memory, position);
  await logs.scan(topics.retry, task, retry.start, retry.end, (r) => {
    lanes.visit(r);
  });
  const missing = missingEntries(note, entries);
  if (missing !== undefined) {
    const { origin } = missing;
    const origins = origin === undefined ? await nameLost(logs, context, entries, position, words) : [origin];
    throw entriesLost(topics, task, missing, origins);
  }

  if (context.dedup !== 'none') {
    const remember = (r: InRecord): void => {
      const origin = Number(r.headerText(H.origin) ?? NaN);
      // Without an origin it is none of ours, and its place would be taken for that of a submission.
      if (Number.isNaN(origin) || r.headerText(H.disposition) === 'parked') return;
      const redrive = Number(r.headerText(H.redrive) ?? 0);
      // What is read again, because somebody set the offset back, comes twice, no matter who wrote it.
      if (origin < position && !outstanding.rule.remembers(r, redrive)) return;
      // A redriven record is also known by what it was submitted as.
      for (const count of redrive > 0 ? [redrive, 0] : [0])
        dedup.decided(outstanding.identify(r, origin, count).hash);
      dedup.advance(r.timestamp);
    };
    const since = past.newest - context.dedupWindowMs;
    // Under `all` the note may be of a time at which less was remembered.
    const told = metadata.kind === 'commit' && context.dedup === 'resubmitted' ? note?.recall : undefined;
    // What lies behind its ends was not looked at when it was written: its own records, and those of a log that was read stale.
    const from = (role: keyof Recall, end: number): number =>
      told === undefined ? 0 : Math.min(told[role] ?? end, note?.ends[role] ?? 0);
    const most = (role: keyof Recall, end: number): number =>
      Math.min(context.dedupMaxIds, end - from(role, end));
    const ids = { results: most('results', results.end), letters: most('deadLetters', deadLetters.end) };
    ledger.recalled({
      results: await tail(logs, topics.results, task, results.end, since, ids.results, remember),
      deadLetters: await tail(logs, topics.deadLetters, task, deadLetters.end, since, ids.letters, remember),
    });
  }
  dedup.advance(past.newest);
  lanes.finish(now, longestDelayMs);
  const state = new TaskState(parts);
  const commands = new Commands(state, control.applied);
  return { state, commands, nextOffset, controlOffset: control.nextOffset, controlEnd: control.end };
};
