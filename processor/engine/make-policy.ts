import type { TopicNames } from '@verdikt/core/topics.ts';
import { deadLetter } from '../policy/dead-letter.ts';
import { completionRecords, retryEntry } from '../policy/retry-entry.ts';
import { decideRetry, type RetryConfig } from '../policy/retry.ts';
import { VerdictRecord, type EncodeVerdict, type VerdictFacts } from '../policy/verdict.ts';
import type { Policy, PolicyBounds } from './policy.ts';

export interface PolicyDeps {
  readonly topics: TopicNames;
  readonly system: string;
  readonly partitions: number;
  readonly bounds: PolicyBounds;
  readonly retry: RetryConfig;
  readonly encodeVerdict: EncodeVerdict;
  readonly newLimit: Policy['newLimit'];
  /** In [0, 1). */
  readonly random: () => number;
}

/** Policies for the tasks of one process, all with the same hash seed. */
export const createPolicies = (d: PolicyDeps): ((task: number) => Policy) => {
  const seed = Math.floor(d.random() * 0x1_0000_0000) >>> 0;
  return (task) => ({
    ...d.bounds,
    topics: d.topics,
    system: d.system,
    partitions: d.partitions,
    task,
    seed,
    newLimit: d.newLimit,
    retry: (attempt) => decideRetry(attempt, RETRY, d.retry, d.random()),
    verdict: (a, judged, accepted, now) =>
      new VerdictRecord(
        a.record,
        {
          id: a.id,
          word: judged.word,
          accepted,
          checks: judged.results as VerdictFacts['checks'],
          attempts: a.attempt,
          submittedAt: judged.submittedAt,
          judgedAt: now,
          origin: a.origin,
          redrive: a.redrive,
        },
        d.encodeVerdict,
      ),
    deadLetter: (a, kind, failure, firstFailedAt, disposition, command) =>
      deadLetter(a.record, {
        id: a.id,
        topic: d.topics.words,
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
      }),
    retryEntry: (record, origin, redrive, attempt, waiting) =>
      retryEntry(record, {
        origin,
        redrive,
        attempt,
        dueAt: waiting?.dueAt ?? 0,
        firstFailedAt: waiting?.firstFailedAt ?? 0,
        reason: waiting?.reason ?? '',
        passed: waiting?.passed ?? [],
        parkedAt: waiting?.parked?.at ?? 0,
        ...(waiting?.parked === undefined ? {} : { parkedFor: waiting.parked }),
      }),
    completions: completionRecords,
  });
};

const RETRY = { kind: 'retry', reason: '' } as const;
