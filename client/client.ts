import { randomUUID } from 'node:crypto';
import { at } from '@verdikt/core/at.ts';
import { systemClock, type Clock } from '@verdikt/core/ports/clock.ts';
import type { Accepted, Submission } from './api-types.ts';
import { readCall, type CallAnswer, type CallRequest, type OperationName } from './call.ts';
import { chunked } from './chunks.ts';
import { VerdiktError } from './errors.ts';
import { readResults, type ResultEvent, type ResultsOptions } from './results.ts';
import { retried } from './retries.ts';
import { exchange, sendAll, sendOne, tooMuch, type Entry, type SendDeps, type Sent } from './send.ts';

export interface ClientOptions {
  /** Of an edge, for example `http://localhost:8080`; a path is kept. */
  readonly url: string | URL;
  /** Sent as `Authorization: Bearer`. @default none */
  readonly token?: string | undefined;
  /** @default the global one */
  readonly fetch?: typeof globalThis.fetch;
  /** For one word, all attempts and pauses included; at least 1. @default 60,000 */
  readonly timeLimitMs?: number;
  /** For one request; at least 1. @default 15,000 */
  readonly attemptTimeoutMs?: number;
  /**
   * Read of an answer at most for each word of its request; at least 1. More is `ANSWER_INVALID`; after 408, 429 or 5xx it is
   * `UNREACHABLE` and tried again. @default 16,384
   */
  readonly maxAnswerBytes?: number;
}

export interface SubmitOptions {
  /** Decides the order. @default the normalized word */
  readonly key?: string;
  /** Under which the word is sent in every attempt: 1 to 255 printable ASCII characters. @default a random UUID */
  readonly idempotencyKey?: string;
  /** Ends the attempts; the promise rejects with its reason. @default never */
  readonly signal?: AbortSignal;
  /** Added to the request, for example `traceparent`. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SubmitAllOptions extends Pick<SubmitOptions, 'signal' | 'headers'> {
  /** Words of one request, at least 1; less is a RangeError. @default 500 */
  readonly linesPerRequest?: number;
  /**
   * Words of one key travel in the order given, whatever has to be sent again: a request never holds two of one key. False: it may,
   * and a word that the edge could not store at once may follow later ones of its key. @default true
   */
  readonly keepOrder?: boolean;
}

/** Its answer has an end. */
type Answered = Exclude<OperationName, 'streamResults'>;

/** What became of one word. */
export type Submitted = { readonly index: number; readonly word: Submission } & (
  ({ readonly ok: true } & Accepted) | { readonly ok: false; readonly error: VerdiktError }
);

export interface Client {
  /**
   * Submits one word; resolves once all in-sync replicas have it. What may be temporary (no answer, 408, 429, 5xx) is retried with
   * the same idempotency key, so the word is evaluated once: after 100 ms, doubled up to 5 s, and not before `Retry-After`.
   *
   * Rejects with a VerdiktError, or with the reason of `signal`.
   */
  submit(word: string, options?: SubmitOptions): Promise<Accepted>;
  /**
   * Submits words as they come, in NDJSON requests of up to `linesPerRequest`; the next is sent when the one before is decided, and
   * no more is read of `words` meanwhile. Yields one result per word, in order; a word that fails does not end it. Retries as `submit`.
   *
   * Throws a VerdiktError where a request as a whole is refused (UNAUTHENTICATED), the reason of `signal`, or what `words` throws.
   */
  submitAll(
    words: Iterable<string | Submission> | AsyncIterable<string | Submission>,
    options?: SubmitAllOptions,
  ): AsyncIterableIterator<Submitted>;
  /**
   * One request of any operation by its name in the OpenAPI document, with what it takes and answers in its types; `results` reads the
   * one that is a stream. A refusal is an answer as well (`ok: false`); nothing is sent again. Limited to `attemptTimeoutMs` past the longest wait that an edge allows.
   *
   * Rejects with a VerdiktError where no edge answers, or with the reason of `signal`.
   */
  call<O extends Answered>(
    operation: O,
    ...request: object extends CallRequest<O> ? [CallRequest<O>?] : [CallRequest<O>]
  ): Promise<CallAnswer<O>>;
  /**
   * Verdicts as they are committed, in the order of each partition. When a connection breaks off, the next goes on where it was; some
   * verdicts may then come again. One that cannot be read is told as `invalid` and does not end it. It ends with `break`, or with the
   * signal.
   *
   * Throws a VerdiktError that no retry cures (UNAUTHENTICATED, VIEW_OFF), or the reason of `signal`.
   */
  results(options?: ResultsOptions): AsyncIterableIterator<ResultEvent>;
}

/** What tests replace. */
interface ClientDeps {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

const LINGER_MS = 5;
/** That of `Prefer: wait`. */
const LONGEST_WAIT_MS = 30_000;
/** The largest answers are dead letters with their payloads. */
const CALL_MAX_BYTES = 16 * 1024 * 1024;

interface Limits {
  readonly timeLimitMs: number;
  readonly attemptTimeoutMs: number;
}

/** Remembers over all attempts whether the word may have been stored. */
const noted = (
  error: VerdiktError,
  entry: Entry,
  attempts: number,
  before: Sent | undefined,
): VerdiktError => {
  if (before instanceof VerdiktError && before.stored === 'unknown') error.stored = 'unknown';
  error.idempotencyKey = entry.idempotencyKey;
  error.attempts = attempts;
  return error;
};

const copyOf = (e: VerdiktError): VerdiktError =>
  new VerdiktError(e.code, e.message, { ...e, cause: e.cause });

const entryOf = ({ word, key, idempotencyKey = randomUUID() }: Submission): Entry => ({
  word,
  idempotencyKey,
  ...(key === undefined ? {} : { key }),
});

/** The results of one chunk, in order. Throws what refuses the request as a whole. */
const submitChunk = async (
  deps: SendDeps & ClientDeps & Limits,
  entries: readonly Entry[],
  { signal, headers = {} }: SubmitAllOptions,
): Promise<readonly Sent[]> => {
  const results: Sent[] = [];
  let left = entries.map((entry, place) => ({ entry, place }));
  await retried({ ...deps, signal }, async (timeoutMs, attempts) => {
    const sent = await sendAll(
      deps,
      left.map((l) => l.entry),
      { headers, signal, timeoutMs },
    );
    if (sent instanceof VerdiktError && !sent.retryable) throw sent;
    let first: VerdiktError | undefined;
    left = left.filter(({ entry, place }, i) => {
      const found = sent instanceof VerdiktError ? sent : at(sent, i);
      if (typeof found === 'string') {
        results[place] = found;
        return false;
      }
      const error = noted(copyOf(found), entry, attempts, results[place]);
      results[place] = error;
      if (error.retryable) first ??= error;
      return error.retryable;
    });
    return first;
  });
  return results;
};

/** A limit below 1 would never send anything. */
const atLeastOne = (name: string, value: number): number => {
  if (value >= 1) return value;
  throw new RangeError(`${name} is ${value}; it must be 1 or more`);
};

/** As `createClient`, in a time and with a chance of its own. */
export const createClientWith = (options: ClientOptions, own: ClientDeps): Client => {
  const base = new URL(options.url);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  const { token, fetch = globalThis.fetch } = options;
  const limits = {
    timeLimitMs: atLeastOne('timeLimitMs', options.timeLimitMs ?? 60_000),
    attemptTimeoutMs: atLeastOne('attemptTimeoutMs', options.attemptTimeoutMs ?? 15_000),
    maxAnswerBytes: atLeastOne('maxAnswerBytes', options.maxAnswerBytes ?? 16_384),
  };
  const deps = { base, token, fetch, ...limits, ...own };

  return {
    submit: async (word, { signal, headers = {}, ...more } = {}) => {
      const entry = entryOf({ word, ...more });
      const last: { sent: Sent } = { sent: '' };
      await retried({ ...deps, signal }, async (timeoutMs, attempts) => {
        const sent = await sendOne(deps, entry, { headers, signal, timeoutMs });
        last.sent = typeof sent === 'string' ? sent : noted(sent, entry, attempts, last.sent);
        return typeof sent === 'string' ? undefined : sent;
      });
      if (last.sent instanceof VerdiktError) throw last.sent;
      return { id: last.sent };
    },
    submitAll: async function* (words, more = {}) {
      const { linesPerRequest = 500, keepOrder = true } = more;
      const keyOf = (given: string | Submission): string => {
        const { word, key } = typeof given === 'string' ? { word: given, key: undefined } : given;
        return key ?? word.normalize('NFC');
      };
      const chunks = chunked(words, {
        ...{ most: atLeastOne('linesPerRequest', linesPerRequest), lingerMs: LINGER_MS, clock: own.clock },
        keyOf: keepOrder ? keyOf : undefined,
      });
      let index = 0;
      for await (const chunk of chunks) {
        const given = chunk.map((w) => (typeof w === 'string' ? { word: w } : w));
        const results = await submitChunk(deps, given.map(entryOf), more);
        for (const [i, result] of results.entries()) {
          const about = { index: index++, word: at(given, i) };
          if (typeof result === 'string') yield { ...about, ok: true, id: result };
          else yield { ...about, ok: false, error: result };
        }
      }
    },
    results: (more = {}) => readResults(deps, more),
    call: async <O extends Answered>(operation: O, request?: CallRequest<O>) => {
      const timeoutMs = limits.attemptTimeoutMs + LONGEST_WAIT_MS;
      const attempt = { headers: {}, signal: request?.signal, timeoutMs };
      const answer = await exchange(deps, operation, attempt, request ?? {}, (response) =>
        readCall<O>(response, CALL_MAX_BYTES, tooMuch(response, CALL_MAX_BYTES, own.clock)),
      );
      if (answer instanceof VerdiktError) throw answer;
      return answer;
    },
  };
};

/**
 * A client of one edge, or of several behind one address. Opens no connection. Throws TypeError where `url` is not a URL, and RangeError
 * where a limit is below 1.
 */
export const createClient = (options: ClientOptions): Client =>
  createClientWith(options, { clock: systemClock, random: Math.random });
