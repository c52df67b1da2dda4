import type { H } from './headers.ts';

interface HeaderDoc {
  /** The records that carry it. */
  readonly on: string;
  readonly meaning: string;
}

/** Typed over the closed list: a header without its meaning does not compile. */
export const HEADER_DOCS: Readonly<Record<keyof typeof H, HeaderDoc>> = {
  id: { on: 'all', meaning: 'ID of the submission, a UUID. It never changes.' },
  edge: {
    on: 'words, retry, results, dead letters',
    meaning:
      'Topic ID of `words`, on what the edge accepted without `Idempotency-Key`: it is written at most once, and the dedup window need not remember it.',
  },
  owner: {
    on: 'words, retry, results, dead letters',
    meaning: 'Principal that submitted the word. Absent if the edge did not ask for a token.',
  },
  idempotencyKey: {
    on: 'words, retry, dead letters',
    meaning: 'The `Idempotency-Key` under which the word was submitted, if there was one.',
  },
  claim: {
    on: 'words, retry, dead letters',
    meaning:
      '`1` if the `idempotency-key` stands for this word alone: that of a single POST, or of one item. On batches and streams the header is a namespace.',
  },
  submittedAt: { on: 'all', meaning: 'When the edge accepted the submission.' },
  traceparent: {
    on: 'all, if traced',
    meaning:
      'W3C trace context. If the submission is traced, verdicts and dead letters carry that of the span that sent them.',
  },
  tracestate: { on: 'all, if traced', meaning: 'W3C trace state, at most 512 characters.' },
  origin: {
    on: 'retry, results, dead letters',
    meaning: 'Offset that the record had in `words`: its place in the order of its key.',
  },
  redrive: {
    on: 'retry, results, dead letters',
    meaning: 'How often the record was redriven. Absent means 0.',
  },
  attempt: { on: 'retry', meaning: 'The attempt that runs next, counted from 1.' },
  dueAt: { on: 'retry', meaning: 'When that attempt is due. 0 means at once.' },
  firstFailedAt: { on: 'retry, dead letters', meaning: 'When the record first failed.' },
  reason: { on: 'retry, dead letters', meaning: 'Reason code of the last failure.' },
  passed: {
    on: 'retry',
    meaning: 'JSON array of the results of checks that have passed and do not run again.',
  },
  parkedAt: { on: 'retry', meaning: 'Since when the record has been parked.' },
  completed: {
    on: 'retry',
    meaning:
      'Marks a completion record, which lists the records that have left their lanes. The value is the version of the format.',
  },
  originalTopic: { on: 'dead letters', meaning: 'Topic that the record was read from: always `words`.' },
  originalPartition: { on: 'dead letters', meaning: 'Partition of the record in `words`.' },
  originalOffset: {
    on: 'dead letters',
    meaning: 'Offset of the record in `words`. Equals `verdikt-origin`.',
  },
  originalTimestamp: {
    on: 'retry, dead letters',
    meaning: 'Timestamp of the record in `words`. -1 means unknown.',
  },
  kind: {
    on: 'dead letters, parked entries',
    meaning: '`reject`: a check rejected the record. `retry-exhausted`: every attempt failed.',
  },
  attempts: { on: 'dead letters', meaning: 'Number of attempts made.' },
  error: {
    on: 'dead letters, parked entries',
    meaning: 'The last failure, as text for people. At most 1,024 bytes.',
  },
  stage: { on: 'dead letters, parked entries', meaning: 'Name of the check that failed.' },
  disposition: {
    on: 'dead letters',
    meaning:
      '`final`: this is the outcome of the record. `parked`: a copy of a record whose key waits for an operator.',
  },
  headersDropped: {
    on: 'dead letters',
    meaning: 'Number of original headers that were left out because they did not fit.',
  },
  command: {
    on: 'dead letters',
    meaning: 'ID of the operator command that led to this dead letter, if one did.',
  },
  next: {
    on: 'last record of each output in a transaction',
    meaning: 'The offset of `words` that was committed in the same transaction.',
  },
  group: {
    on: 'beside `verdikt-next`',
    meaning: 'The system that wrote it, as `<source topic>/<group>`.',
  },
  wordsId: {
    on: 'beside `verdikt-next`',
    meaning: 'Topic ID of `words`, if the cluster reports topic IDs.',
  },
  stub: {
    on: 'retry, dead letters',
    meaning: 'Size of the original in bytes. The record was too large, so its value is left out.',
  },
  keyDigest: {
    on: 'retry, dead letters',
    meaning: 'The key is a digest of the original key, made with this method (`sha256`).',
  },
  control: {
    on: 'control',
    meaning: 'Always the first header: `command`, `answer` or `audit`.',
  },
  controlData: {
    on: 'control',
    meaning:
      'Always the second header: what is asked, answered or recorded, as JSON. All further headers belong to the record that a command carries.',
  },
};
