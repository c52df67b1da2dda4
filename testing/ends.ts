import { H } from '@verdikt/core/record/headers.ts';
import type { CheckResult, DeadLetterKind } from '@verdikt/core/record/outcome.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { TransactionPlan } from '@verdikt/core/ports/transactions.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';

interface Ended {
  readonly id: string;
  readonly word: string;
  readonly key: string;
  /** Attempts made. */
  readonly attempts: number;
  /** Virtual milliseconds from the submission. */
  readonly afterMs: number;
}

/** What a word got in `results`. */
export interface Verdict extends Ended {
  readonly kind: 'verdict';
  /** True when every check answered true. */
  readonly accepted: boolean;
  /** In the order of the chain. */
  readonly checks: readonly CheckResult[];
}

/** What a word got in `words.dlq`. */
export interface DeadLetter extends Ended {
  readonly kind: 'dead-letter';
  /** `reject`, or `retry-exhausted` after the last attempt. */
  readonly cause: DeadLetterKind;
  readonly reason: string;
  readonly detail: string;
  /** The check that failed. */
  readonly stage: string;
  /** True under `park`: its key waits for an operator. */
  readonly parked: boolean;
}

export type End = Verdict | DeadLetter;

/** The end, and the offset that its word has in `words`. */
export interface Placed {
  readonly origin: number;
  readonly end: End;
}

const headerOf = ({ headers }: OutRecord, wanted: string): string =>
  String(headers.find(([name]) => name === wanted)?.[1] ?? '');

/** Verdicts as JSON. The ends of one commit, in the order of submission. */
export const endsOf = (
  { outputs }: TransactionPlan,
  { results, deadLetters }: TopicNames,
  now: number,
): readonly Placed[] => {
  const placed = (record: OutRecord, rest: (ended: Ended) => End): Placed => ({
    origin: Number(headerOf(record, H.origin)),
    end: rest({
      id: headerOf(record, H.id),
      word: '',
      key: String(record.key),
      attempts: Number(headerOf(record, H.attempts)),
      afterMs: now - Number(headerOf(record, H.submittedAt)),
    }),
  });
  const verdict = (record: OutRecord): Placed => {
    const { word, accepted, checks, attempts } = JSON.parse(String(record.value)) as WordJudged;
    return placed(record, (ended) => ({ kind: 'verdict', ...ended, word, accepted, checks, attempts }));
  };
  const deadLetter = (record: OutRecord): Placed =>
    placed(record, (ended) => ({
      kind: 'dead-letter',
      ...ended,
      word: String(record.value),
      cause: headerOf(record, H.kind) as DeadLetterKind,
      reason: headerOf(record, H.reason),
      detail: headerOf(record, H.error),
      stage: headerOf(record, H.stage),
      parked: headerOf(record, H.disposition) === 'parked',
    }));
  return outputs
    .flatMap(({ topic, records }) =>
      topic === results
        ? Array.from(records, verdict)
        : topic === deadLetters
          ? Array.from(records, deadLetter)
          : [],
    )
    .sort((a, b) => a.origin - b.origin);
};
