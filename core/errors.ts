/**
 * The closed list of error codes. Each has one action; `docs/reference/errors.md` lists them and a test holds the two together.
 *
 * Actions: `halt` stop the process with a clear message · `retry` try again with back-off · `rejoin` drop work, join the
 * group again · `refence` discard the producer, fence again, rebuild the task from Kafka · `pause` the task waits and tries
 * again by itself · `dead-letter` the record goes to the dead-letter topic · `refuse` the client gets a 4xx, or 501 for VIEW_OFF and OPERATORS_OFF · `shed` the
 * client gets 503 (500 for INTERNAL, a fault of ours) and may send again.
 */
export const ERROR_ACTIONS = {
  CONFIG_INVALID: 'halt',
  BROKER_UNSUPPORTED: 'halt',
  TOPIC_INVALID: 'halt',
  ACCESS_DENIED: 'pause',
  BROKER_UNAVAILABLE: 'retry',
  MEMBER_STALE: 'rejoin',
  PRODUCER_FENCED: 'refence',
  COMMIT_UNCONFIRMED: 'refence',
  TRANSACTION_FAILED: 'refence',
  OFFSET_LOST: 'pause',
  OFFSET_MOVED: 'pause',
  TOPIC_CHANGED: 'pause',
  TOPIC_TAKEN: 'pause',
  GROUP_TAKEN: 'pause',
  TRANSACTION_HANGING: 'pause',
  LOG_CORRUPT: 'pause',
  RECORD_TOO_LARGE: 'dead-letter',
  RECORD_REJECTED: 'dead-letter',
  SCHEMA_UNAVAILABLE: 'retry',
  SCHEMA_INCOMPATIBLE: 'halt',
  DEAD_LETTER_LIMIT: 'pause',
  INPUT_INVALID: 'refuse',
  INPUT_TOO_LARGE: 'refuse',
  UNAUTHENTICATED: 'refuse',
  QUOTA_EXCEEDED: 'refuse',
  FORBIDDEN: 'refuse',
  MISDIRECTED: 'refuse',
  KEYS_UNAVAILABLE: 'shed',
  KEY_REUSED: 'refuse',
  NOT_FOUND: 'refuse',
  VIEW_OFF: 'refuse',
  VIEW_BEHIND: 'shed',
  OPERATORS_OFF: 'refuse',
  OPERATORS_AWAY: 'shed',
  PROCESSORS_AWAY: 'shed',
  BUFFER_FULL: 'shed',
  APPEND_UNCONFIRMED: 'shed',
  STOPPING: 'shed',
  INTERNAL: 'shed',
} as const satisfies Record<string, ErrorAction>;

export type ErrorAction =
  'halt' | 'retry' | 'rejoin' | 'refence' | 'pause' | 'dead-letter' | 'refuse' | 'shed';
export type ErrorCode = keyof typeof ERROR_ACTIONS;

/** Those that a client of the edge can meet. */
export const EDGE_CODES = [
  'INPUT_INVALID',
  'INPUT_TOO_LARGE',
  'UNAUTHENTICATED',
  'QUOTA_EXCEEDED',
  'FORBIDDEN',
  'MISDIRECTED',
  'KEYS_UNAVAILABLE',
  'KEY_REUSED',
  'NOT_FOUND',
  'VIEW_OFF',
  'VIEW_BEHIND',
  'OPERATORS_OFF',
  'OPERATORS_AWAY',
  'PROCESSORS_AWAY',
  'RECORD_TOO_LARGE',
  'BUFFER_FULL',
  'APPEND_UNCONFIRMED',
  'BROKER_UNAVAILABLE',
  'ACCESS_DENIED',
  'STOPPING',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];
export type EdgeCode = (typeof EDGE_CODES)[number];

/** The only error class. `message` says what, where, and what to do; `cause` keeps the original. */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  /** Facts for logs and responses, for example `{ field: 'word' }` or `{ topic, partition, offset }`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ServiceError';
    this.code = code;
    this.details = details;
  }

  get action(): ErrorAction {
    return ERROR_ACTIONS[this.code];
  }
}

export const isServiceError = (e: unknown, code?: ErrorCode): e is ServiceError =>
  e instanceof ServiceError && (code === undefined || e.code === code);

const MAX_DEPTH = 8;
/** The message of the innermost cause: what an operator wants to read of a failed handshake. */
export const rootMessage = (error: unknown): string => {
  let e = error;
  for (let i = 0; i < MAX_DEPTH && e instanceof Error && e.cause instanceof Error; i++) e = e.cause;
  return e instanceof Error ? e.message : String(e);
};
