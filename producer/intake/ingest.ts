import type { Header } from '@verdikt/core/record/record.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { readTraceHeaders, type TraceHeaders } from '@verdikt/core/record/trace-context.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { ownerOf } from '../auth/caller.ts';
import { readItemKey, readKeyHeader, submissionId } from './idempotency.ts';
import type { Submission } from '@verdikt/core/ports/sink.ts';
import { invalid, tooLarge, type Refusal } from './refusal.ts';
import type { EdgeTracing, RequestTrace } from '../tracing.ts';
import { normaliseWord, type WordLimits } from './word.ts';

export interface IngestLimits extends WordLimits {
  /** Of the UTF-8 text of a key given by the client. */
  readonly keyMaxBytes: number;
}

export interface IngestDeps {
  readonly limits: IngestLimits;
  /** Of `words`. */
  readonly partitions: number;
  /** Its topic id; undefined where the cluster tells none. */
  readonly topicId: () => string | undefined;
  /** Value of the record: Avro `WordSubmitted` in wire format. `submittedAt` in milliseconds since 1970. */
  readonly encode: (word: string, submittedAt: number) => Buffer;
  /** A new UUIDv7. */
  readonly newId: () => string;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** Undefined: nothing is traced; what callers say of traces is handed on all the same. */
  readonly tracing?: EdgeTracing | undefined;
}

/** What all submissions of one request share. */
export interface RequestFacts {
  readonly principal: string;
  /** Of all submissions that bring none of their own. */
  readonly idempotencyKey: string | undefined;
  /** Headers handed on from the request; nothing else of it gets into the log. */
  readonly headers: readonly Header[];
  readonly trace?: RequestTrace;
}

/** As Node gives them: names in lower case. */
type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface Accepted {
  readonly ok: true;
  readonly id: string;
  /** Idempotency key that stands for this content alone; undefined: none does. */
  readonly claim: string | undefined;
  readonly submission: Submission;
}

/** Turns what came from outside into records for `words`. */
export interface Ingest {
  /**
   * Picks the allowed request headers. A malformed `traceparent` or `tracestate` is dropped, as W3C asks; a bad
   * `Idempotency-Key` is refused. Begins the trace of the request.
   */
  facts(principal: string, headers: RequestHeaders): RequestFacts | Refusal;
  /**
   * One submission from one parsed JSON value.
   * @param now milliseconds since 1970
   * @param one true where the request holds just this one; default false
   */
  submission(json: unknown, facts: RequestFacts, now: number, one?: boolean): Accepted | Refusal;
}

// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;
const MAX_FIELD_CHARS = 64;
const KNOWN: ReadonlySet<string> = new Set(['word', 'key', 'idempotencyKey']);

const NOT_OBJECT = invalid(
  'body',
  'A submission is a JSON object with "word" and, if wanted, "key" and "idempotencyKey".',
);
const NO_WORD = invalid('word', 'The word is missing or not a string.');
const BAD_KEY = invalid('key', 'The key is not a string.');
const EMPTY_KEY = invalid('key', 'The key is empty; leave it out to use the word.');
const MALFORMED_KEY = invalid('key', 'The key has a lone surrogate: it is not well-formed Unicode.');
const CONTROL_KEY = invalid('key', 'The key has a control character (U+0000 to U+001F, U+007F to U+009F).');
const DIRECTION_KEY = invalid(
  'key',
  'The key has an embedding, override or isolate of the writing direction (U+202A to U+202E, U+2066 to U+2069).',
);
const LONG_KEY = tooLarge('key', 'The key is too long.');

const unknownProperty = (name: string): Refusal =>
  invalid(name.slice(0, MAX_FIELD_CHARS).toWellFormed(), 'Unknown property.');

const text = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

const traceHeaders = ({ traceparent, tracestate }: TraceHeaders): Header[] =>
  tracestate === ''
    ? [[H.traceparent, traceparent]]
    : [
        [H.traceparent, traceparent],
        [H.tracestate, tracestate],
      ];

export const createIngest = (deps: IngestDeps): Ingest => {
  const { limits, partitions, topicId, encode, newId, sha256, tracing } = deps;

  const keyBytes = (key: unknown): Buffer | Refusal => {
    if (typeof key !== 'string') return BAD_KEY;
    if (key.length === 0) return EMPTY_KEY;
    if (key.length > limits.keyMaxBytes) return LONG_KEY;
    if (!key.isWellFormed()) return MALFORMED_KEY;
    if (CONTROL.test(key)) return CONTROL_KEY;
    if (DIRECTION.test(key)) return DIRECTION_KEY;
    const bytes = Buffer.from(key, 'utf8');
    return bytes.length > limits.keyMaxBytes ? LONG_KEY : bytes;
  };

  return {
    facts(principal, headers) {
      const { traceparent, 'idempotency-key': given } = headers;
      const idempotencyKey = given === undefined ? undefined : readKeyHeader(given);
      if (typeof idempotencyKey === 'object') return idempotencyKey;
      if (traceparent === undefined && tracing === undefined)
        return { principal, idempotencyKey, headers: [] };
      const caller = readTraceHeaders(text(traceparent), text(headers.tracestate));
      const facts = { principal, idempotencyKey, headers: caller === undefined ? [] : traceHeaders(caller) };
      return tracing === undefined ? facts : { ...facts, trace: tracing.request(caller) };
    },

    submission(json, facts, now, one = false) {
      if (typeof json !== 'object' || json === null || Array.isArray(json)) return NOT_OBJECT;
      // Lists own properties only, `__proto__` too: JSON.parse makes it an ordinary one. Values are never nested or copied.
      for (const name in json) if (!KNOWN.has(name)) return unknownProperty(name);
      const { word: text, key, idempotencyKey: own } = json as Record<string, unknown>;
      if (typeof text !== 'string') return NO_WORD;
      const word = normaliseWord(text, limits);
      if (typeof word !== 'string') return word;
      const bytes = key === undefined ? Buffer.from(word, 'utf8') : keyBytes(key);
      if (!(bytes instanceof Uint8Array)) return bytes;
      const idempotencyKey = own === undefined ? facts.idempotencyKey : readItemKey(own);
      if (typeof idempotencyKey === 'object') return idempotencyKey;
      const { principal } = facts;
      const id =
        idempotencyKey === undefined
          ? newId()
          : submissionId({ principal, idempotencyKey, key: bytes, word }, sha256);
      const partition = partitionOf(bytes, partitions);
      const headers: Header[] = [[H.id, id], [H.submittedAt, String(now)], ...facts.headers];
      const owner = ownerOf(principal);
      if (owner !== '') headers.push([H.owner, owner]);
      const claims = idempotencyKey !== undefined && (one || own !== undefined);
      if (idempotencyKey !== undefined) {
        headers.push([H.idempotencyKey, idempotencyKey]);
        if (claims) headers.push([H.claim, '1']);
      } else {
        // Its id is new and its record is appended at most once. If the topic is another one by then, the name does not fit.
        const words = topicId();
        if (words !== undefined) headers.push([H.edge, words]);
      }
      const record = { key: bytes, value: encode(word, now), headers, timestamp: now };
      const trace = facts.trace?.send(partition, id, one);
      const claim = claims ? idempotencyKey : undefined;
      if (trace === undefined) return { ok: true, id, claim, submission: { partition, record } };
      const others = headers.filter(([name]) => name !== H.traceparent && name !== H.tracestate);
      const traced = { ...record, headers: [...others, ...traceHeaders(trace.headers)] };
      return { ok: true, id, claim, submission: { partition, record: traced, trace } };
    },
  };
};
