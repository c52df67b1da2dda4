/** Names of all headers that we write. Values are UTF-8 text, numbers in decimal, times in milliseconds since 1970. */
export const H = {
  /** Of the submission; UUID. */
  id: 'id',
  submittedAt: 'submitted-at',
  /** Topic id of the `words` that an edge wrote to without an idempotency key: it is there at most once. Also on its verdict. */
  edge: 'verdikt-edge',
  /** Principal that submitted the word, where it has a name; also on what comes of it. */
  owner: 'verdikt-owner',
  /** As the client gave it, or the one of the item. */
  idempotencyKey: 'idempotency-key',
  /** On words whose idempotency key claims their content alone, where it is not a namespace. */
  claim: 'verdikt-claim',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  /** Offset that the record had in `words`. On retries, verdicts and dead letters. */
  origin: 'verdikt-origin',
  /** How often the record was redriven; missing means 0. */
  redrive: 'verdikt-redrive',

  /** State of a retry entry: the attempt that runs next, counts from 1. */
  attempt: 'verdikt-attempt',
  dueAt: 'verdikt-due-at',
  firstFailedAt: 'verdikt-first-failed-at',
  /** Reason code of the last failure; also on dead letters. */
  reason: 'verdikt-reason',
  /** JSON array of the results of checks that passed and do not run again. */
  passed: 'verdikt-passed',
  parkedAt: 'verdikt-parked-at',
  /** Marks a completion record in a retry topic; its value is the format version. */
  completed: 'verdikt-completed',

  /** Where a dead letter was read from: always `words`, and the origin. The timestamp also travels on retry entries. */
  originalTopic: 'x-original-topic',
  originalPartition: 'x-original-partition',
  originalOffset: 'x-original-offset',
  originalTimestamp: 'x-original-timestamp',
  /** Why a dead letter was given up: `reject`, or `retry-exhausted`. */
  kind: 'verdikt-kind',
  /** Attempts made. */
  attempts: 'verdikt-attempts',
  /** A text for people. */
  error: 'verdikt-error',
  /** The check that failed. */
  stage: 'verdikt-stage',
  /** `final`, or `parked` for the copy of a record whose lane waits for an operator. */
  disposition: 'verdikt-disposition',
  /** How many foreign headers did not fit a dead letter. */
  headersDropped: 'verdikt-headers-dropped',
  /** Id of the operator's command that led to a dead letter; see core/record/control.ts. */
  command: 'verdikt-command',

  /** On the last record of each output of a transaction: the offset of `words` that was committed with it, and by which group. */
  next: 'verdikt-next',
  group: 'verdikt-group',
  /** Beside them: the topic id of `words`, where the cluster tells ids. */
  wordsId: 'verdikt-words-id',
  /** Bytes of the original, where a record was too large to be written whole; the value is left out. */
  stub: 'verdikt-stub',
  /** Of a stub whose key was too long as well: its key is the digest of that key, by this method. */
  keyDigest: 'verdikt-key-digest',

  /** First and second header of a record in a control topic; see core/record/control.ts. */
  control: 'verdikt-control',
  controlData: 'verdikt-control-data',
} as const;

/** All headers of one record together stay within this, as encoded (names, values and their lengths). */
export const MAX_HEADER_BYTES = 32 * 1024;

/** Describe the place of a record in its lane. Older ones are replaced, and a dead letter carries none but its own. */
export const STATE_HEADERS: readonly string[] = [
  H.origin,
  H.redrive,
  H.attempt,
  H.dueAt,
  H.firstFailedAt,
  H.reason,
  H.passed,
  H.parkedAt,
  H.completed,
  H.next,
  H.group,
  H.wordsId,
  H.stub,
  H.keyDigest,
];

/** Only dead letters carry them; an older one is replaced, so that each name occurs once. */
export const DEAD_LETTER_HEADERS: readonly string[] = [
  H.originalTopic,
  H.originalPartition,
  H.originalOffset,
  H.originalTimestamp,
  H.kind,
  H.attempts,
  H.error,
  H.stage,
  H.disposition,
  H.headersDropped,
  H.command,
];
