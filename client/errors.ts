import { EDGE_CODES, type EdgeCode } from '@verdikt/core/errors.ts';

/**
 * Why a word was not accepted: a code of the edge, see docs/reference/errors.md, or one of these.
 *
 * - `UNREACHABLE`: no answer from an edge: no connection, none in time, or one of a gateway (429, 5xx).
 * - `ANSWER_INVALID`: an answer that no edge gives, for example because `url` is that of something else, or one past
 *   `maxAnswerBytes`.
 */
export type VerdiktErrorCode = EdgeCode | 'UNREACHABLE' | 'ANSWER_INVALID';

interface VerdiktErrorFacts {
  /** Of HTTP; undefined without an answer. */
  readonly status?: number | undefined;
  /** What the edge names as wrong: a property, a header or `body`. */
  readonly field?: string | undefined;
  /** Of the submission, where the edge had given it one. */
  readonly id?: string | undefined;
  /** The earliest that another attempt makes sense, in milliseconds from the answer. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

type AnswerFacts = VerdiktErrorFacts & { readonly status: number };

/** A word that was not accepted, after all attempts. */
export class VerdiktError extends Error {
  readonly code: VerdiktErrorCode;
  readonly status: number | undefined;
  readonly field: string | undefined;
  readonly id: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** `unknown`: it may have been stored all the same. Submit it again with the same `idempotencyKey`, and it is evaluated once. */
  stored: 'no' | 'unknown';
  /** Under which the word was sent. */
  idempotencyKey = '';
  /** Attempts made. */
  attempts = 1;

  constructor(code: VerdiktErrorCode, message: string, facts: VerdiktErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'VerdiktError';
    this.code = code;
    this.status = facts.status;
    this.field = facts.field;
    this.id = facts.id;
    this.retryAfterMs = facts.retryAfterMs;
    this.stored = IN_DOUBT.has(code) ? 'unknown' : 'no';
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return this.code !== 'ANSWER_INVALID' && isTemporary(this.status ?? 503);
  }
}

const IN_DOUBT: ReadonlySet<string> = new Set([
  'APPEND_UNCONFIRMED',
  'INTERNAL',
  'UNREACHABLE',
  'ANSWER_INVALID',
] satisfies VerdiktErrorCode[]);

const KNOWN: ReadonlySet<string> = new Set(EDGE_CODES);

/** The same request may get another answer later. */
const isTemporary = (status: number): boolean => status === 408 || status === 429 || status >= 500;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The error that a problem document or a status line describes; `facts` as the answer around it has them. */
export const errorOf = (problem: unknown, facts: AnswerFacts): VerdiktError => {
  const { code, detail, field, id } = (
    typeof problem === 'object' && problem !== null ? problem : {}
  ) as Record<string, unknown>;
  const more = { ...facts, field: text(field), id: text(id) };
  if (typeof code === 'string' && KNOWN.has(code))
    return new VerdiktError(code as VerdiktErrorCode, text(detail) ?? code, more);
  return foreignAnswer('', more);
};

/** An answer that no edge gives, as its status tells: UNREACHABLE where another attempt may help, else ANSWER_INVALID. */
export const foreignAnswer = (what: string, facts: AnswerFacts): VerdiktError => {
  const { status } = facts;
  return isTemporary(status)
    ? new VerdiktError('UNREACHABLE', `no edge answered: ${what}status ${status}`, facts)
    : new VerdiktError('ANSWER_INVALID', `this is not the answer of an edge: ${what}status ${status}`, facts);
};
