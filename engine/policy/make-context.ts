import { shortId } from '@verdikt/core/hash/digest.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { deadLetter, type DeadLetterFacts } from '@verdikt/core/record/dead-letter.ts';
import { completionRecords, originalBytes, retryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { MemoryBudget } from './memory.ts';
import { decideRetry, type RetryConfig } from './retry.ts';
import { FRAME_BYTES, Sizes, writtenBytes, type SizeConfig } from './sizes.ts';
import { stubOf } from '@verdikt/core/record/stub.ts';
import type { Verdict, VerdictCodec } from './verdict-codec.ts';
import type { TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import { NOTHING, type Attempt, type Judged } from './attempt.ts';
import type { TaskContext, TaskBounds } from './task-context.ts';

interface ContextDeps {
  readonly topics: TopicNames;
  readonly system: string;
  readonly partitions: number;
  readonly bounds: TaskBounds;
  readonly retry: RetryConfig;
  readonly sizes: SizeConfig;
  readonly memory: MemoryBudget;
  readonly verdicts: VerdictCodec;
  readonly newLimit: TaskContext['newLimit'];
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

const refusedSize = (plan: TransactionPlan, error: unknown): { topic: string; bytes: number } | undefined => {
  if (!isServiceError(error, 'RECORD_TOO_LARGE')) return undefined;
  const { output, record } = error.details;
  const found = plan.outputs[output as number];
  const refused = found?.records.at(record as number);
  // There is nothing smaller than a stub: the topic must take it.
  if (found === undefined || refused === undefined || refused.headers.some(([name]) => name === H.stub))
    return undefined;
  return { topic: found.topic, bytes: writtenBytes(refused) };
};

/** Policies for the tasks of one process, all with the same hash seed, and with what any of them learned of sizes. */
export const createContexts = (d: ContextDeps): ((task: number) => TaskContext) => {
  const { topics } = d;
  const seed = Math.floor(d.random() * 0x1_0000_0000) >>> 0;
  const sizes = new Sizes(d.sizes, topics.retry);
  const verdict: TaskContext['verdict'] = (a, judged, accepted, now) =>
    d.verdicts.record(a.record, verdictOf(a, judged, accepted, now));
  return (task) => ({
    ...d.bounds,
    topics,
    system: d.system,
    partitions: d.partitions,
    task,
    seed,
    memory: d.memory.share(),
    newLimit: d.newLimit,
    retry: (attempt, kind, afterMs) =>
      decideRetry(attempt, kind, d.retry, kind === 'retry' ? d.random() : 0, afterMs),
    admit: (record, origin) => {
      const most = sizes.largestRecord;
      // The short look first: hardly any record comes near the limit.
      const fits = record.truncated === 0 && (record.size <= most || originalBytes(record) <= most);
      return fits ? record : stubOf(record, origin);
    },
    fitsPlainly: (record, verdictBytes) =>
      record.truncated === 0 &&
      record.size <= sizes.largestRecord &&
      FRAME_BYTES + verdictBytes <= sizes.of(topics.results),
    verdictFits: (a, judged) => {
      const limit = sizes.of(topics.results);
      const longest = verdictOf(a, judged, false, MOST);
      if (d.verdicts.mostBytes(a.record, longest) <= limit) return true;
      return writtenBytes(d.verdicts.record(a.record, longest)) <= limit;
    },
    verdict,
    deadLetter: (a, kind, failure, firstFailedAt, disposition, command) => {
      const facts: DeadLetterFacts = {
        id: a.id,
        topic: topics.words,
        partition: task,
        origin: a.origin,
        redrive: a.redrive,
        kind,
        attempts: a.attempt,
        firstFailedAt,
        reason: failure.reason,
        error: failure.detail,
        stage: failure.stage,
        disposition,
        command,
      };
      const letter = deadLetter(a.record, facts);
      if (a.record.truncated > 0 || writtenBytes(letter) <= sizes.of(topics.deadLetters)) return letter;
      return deadLetter(stubOf(a.record, a.origin), { ...facts, id: shortId(Buffer.from(a.id)).toString() });
    },
    retryEntry: (record, origin, redrive, attempt, waiting) => {
      const { dueAt = 0, firstFailedAt = 0, reason = '', passed = NOTHING, parked } = waiting ?? {};
      const place = { origin, redrive, attempt, dueAt, firstFailedAt, reason, parkedAt: parked?.at ?? 0 };
      const state = { ...place, ...(parked === undefined ? {} : { parkedFor: parked }) };
      const entry = retryEntry(record, { ...state, passed });
      if (passed.length === 0 || writtenBytes(entry) <= sizes.of(topics.retry)) return entry;
      // What has passed runs again, if need be.
      return retryEntry(record, { ...state, passed: NOTHING });
    },
    refused: (plan, error) => {
      const refused = refusedSize(plan, error);
      if (refused === undefined) return;
      const limit = sizes.refused(refused.topic, refused.bytes);
      d.log.warn(
        { task, ...refused, limit, largestRecord: sizes.largestRecord },
        'a topic takes smaller records than it should; what is larger than this limit becomes a stub',
      );
    },
    completions: (ended) => completionRecords(ended, sizes.of(topics.retry) - FRAME_BYTES),
  });
};

/** Of a time that is not known yet: none takes more bytes. The largest that Avro encodes. */
const MOST = Number.MAX_SAFE_INTEGER - 1;

const verdictOf = (
  { id, attempt, origin, redrive }: Attempt,
  { facts, results }: Extract<Judged, { kind: 'done' }>,
  accepted: boolean,
  judgedAt: number,
): Verdict => ({ id, facts, accepted, checks: results, attempts: attempt, judgedAt, origin, redrive });
