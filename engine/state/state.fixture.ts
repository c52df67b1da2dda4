import { createVerdictCodec } from '../../processor/verdict.ts';
import type { Submission } from '@verdikt/schemas/codec.ts';
import type { CommitNote } from '@verdikt/core/record/commit-note.ts';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import type { DedupMode } from '../policy/dedup-rule.ts';
import { DeadLetterLimit } from '../policy/dead-letter-limit.ts';
import { inRecord } from '@verdikt/test/support/records.ts';
import type { Attempt, Judged } from '../policy/attempt.ts';
import { MemoryBudget } from '../policy/memory.ts';
import { createContexts } from '../policy/make-context.ts';
import type { SlicePlan } from './plan.ts';
import { newParts, type StateParts } from './parts.ts';
import { TaskState } from './state.ts';

export const topics = topicNames('', 'g');
const bounds = {
  dedup: 'resubmitted' as DedupMode,
  dedupWindowMs: 60_000,
  dedupMaxIds: 100,
  laneMaxEntries: 5,
  compactionFactor: 4,
  compactionSlack: 3,
  compactionMaxRecords: 2,
  trimAfter: 1,
  deadLetterMax: 2,
  parks: false as boolean,
  maxRedrives: 3,
  commandsMax: 1000,
  waitMs: 50,
};

/** Empty topics without ids. */
const NO_LOGS = { ids: {}, ends: { results: 0, retry: 0, deadLetters: 0 } };

/** `valueBytes`: of the budget. */
export const newState = (
  {
    valueBytes = 1e6,
    recordMaxBytes = 1_000,
    ...over
  }: Partial<typeof bounds> & { valueBytes?: number; recordMaxBytes?: number } = {},
  ids: CommitNote['ids'] = {},
): TaskState => {
  const limit = { max: 2, windowMs: 1_000, backOffMs: 500, maxBackOffMs: 5_000 };
  const contexts = createContexts({
    topics,
    ...{ system: 'words/g', partitions: 1 },
    bounds: { ...bounds, ...over },
    retry: { maxAttempts: 3, baseMs: 100, multiplier: 2, maxMs: 1_000, jitter: 'none' },
    sizes: { recordMaxBytes, outputMaxBytes: recordMaxBytes + 7_000 },
    memory: new MemoryBudget(valueBytes),
    log: silentLog,
    verdicts: createVerdictCodec((v) => JSON.stringify(v)),
    newLimit: (now, written, resetAt) => new DeadLetterLimit(limit, now, written, resetAt),
    random: () => 0.5,
  });
  const context = contexts(0);
  const parts = newParts(context, context.newLimit(0, [], 0), { ...NO_LOGS, ids });
  const state = new TaskState(parts);
  INSIDE.set(state, parts);
  return state;
};

const INSIDE = new WeakMap<TaskState, StateParts>();
/** What a state made here hides. */
export const insideOf = (s: TaskState): StateParts => {
  const inside = INSIDE.get(s);
  if (inside === undefined) throw new Error('the state was made elsewhere');
  return inside;
};

export const word = (offset: number, key: string | null, id = `id-${offset}`, more: readonly Header[] = []) =>
  inRecord({ key, value: `word-${offset}`, headers: [[H.id, id], ...more], offset, timestamp: 7 });
/** As the codec of words reads them. */
export const factsOf = (record: InRecord): Submission => ({
  word: record.value?.toString() ?? '',
  submittedAt: 5,
});

export const done = (a: Attempt): Judged => ({
  kind: 'done',
  results: [],
  facts: factsOf(a.record),
});
export const failing = (kind: 'retry' | 'reject' | 'wait'): Judged =>
  ({
    kind,
    reason: 'why',
    detail: 'because',
    stage: 'http',
    passed: [],
    facts: { submittedAt: 5 },
  }) as Judged;
export const offered = (s: TaskState, offset: number, key: string | null, id?: string): Attempt => {
  const a = s.offer(word(offset, key, id));
  if (a === undefined) throw new Error('expected an attempt');
  return a;
};
export const out = (plan: SlicePlan | undefined, topic: string): readonly OutRecord[] => [
  ...(plan?.outputs.find((o) => o.topic === topic)?.records ?? []),
];
export const header = (r: OutRecord, name: string): string | undefined =>
  r.headers
    .filter(([n]) => n === name)
    .map(([, v]) => v?.toString())
    .at(0);
/** Commits with offsets from `from` on, as a log without gaps. */
export const commit = (s: TaskState, plan: SlicePlan | undefined, from: number): void => {
  if (plan !== undefined)
    s.committed(plan, {
      offsets: plan.outputs.map((o) => Array.from(o.records, (_, i) => from + i)),
      appendTime: -1,
    });
};
