import type { Clock } from '@verdikt/core/ports/clock.ts';
import { retryAfterMs } from '@verdikt/core/retry-after.ts';
import { errorOf, foreignAnswer, VerdiktError } from './errors.ts';

export interface SendDeps {
  /** Of the edge, with a slash at the end. */
  readonly base: URL;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  /** Read of an answer for each word of its request. */
  readonly maxAnswerBytes: number;
}

/** One submission as it is sent. */
export interface Entry {
  readonly word: string;
  readonly key: string | undefined;
  readonly idempotencyKey: string;
}

interface Attempt {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** The id, or why there is none. */
export type Sent = string | VerdiktError;

const json = (line: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** The code of the socket error, where there is one. */
const causeOf = (error: unknown): string => {
  const { cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    cause?: { code?: unknown };
  };
  return typeof cause?.code === 'string' ? cause.code : String(error);
};

/** One request. `read` gets the answer, whatever its status; what it throws, or no answer in time, is UNREACHABLE. */
const post = async <T>(
  { base, token, fetch, clock }: SendDeps,
  { headers, signal, timeoutMs }: Attempt,
  type: string,
  body: string,
  read: (response: Response) => Promise<T>,
): Promise<T | VerdiktError> => {
  signal?.throwIfAborted();
  const abort = new AbortController();
  const end = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  const cancel = clock.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(new URL('v1/words', base), {
      method: 'POST',
      // A redirect would turn the POST into a GET.
      redirect: 'manual',
      headers: {
        ...headers,
        'content-type': type,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      signal: abort.signal,
    });
    return await read(response);
  } catch (cause) {
    if (cause instanceof VerdiktError) return cause;
    signal?.throwIfAborted();
    const why = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : causeOf(cause);
    return new VerdiktError('UNREACHABLE', `${base.href}: ${why}`, { cause });
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
};

const factsOf = ({ status, headers }: Response, clock: Clock) => ({
  status,
  retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.now()),
});

/** An answer as it comes. Throws a VerdiktError and ends the connection past `maxAnswerBytes` for each of `words`. */
async function* piecesOf(
  response: Response,
  { maxAnswerBytes, clock }: SendDeps,
  words = 1,
): AsyncGenerator<string, void> {
  const most = maxAnswerBytes * words;
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    const piece = chunk as Uint8Array;
    bytes += piece.byteLength;
    if (bytes > most) throw foreignAnswer(`more than ${most} bytes, `, factsOf(response, clock));
    yield decoder.decode(piece, { stream: true });
  }
}
const jsonOf = async (response: Response, deps: SendDeps): Promise<Record<string, unknown>> => {
  let text = '';
  for await (const piece of piecesOf(response, deps)) text += piece;
  return json(text);
};

const refusalOf = async (response: Response, deps: SendDeps): Promise<VerdiktError> =>
  errorOf(await jsonOf(response, deps), factsOf(response, deps.clock));

/** One submission. Rejects with the reason of the signal alone. */
export const sendOne = (deps: SendDeps, entry: Entry, attempt: Attempt): Promise<Sent> =>
  post<Sent>(deps, attempt, 'application/json', JSON.stringify(entry), async (response) => {
    if (response.status !== 202) return await refusalOf(response, deps);
    const { id } = await jsonOf(response, deps);
    return typeof id === 'string' ? id : errorOf({}, { status: response.status });
  });

/**
 * Several submissions as NDJSON: what became of each, in order. A VerdiktError in place of the list: the request as a whole was
 * refused. Those that the edge did not answer before the connection broke are UNREACHABLE; before the answer grew too long,
 * ANSWER_INVALID.
 */
export const sendAll = async (
  deps: SendDeps,
  entries: readonly Entry[],
  attempt: Attempt,
): Promise<readonly Sent[] | VerdiktError> => {
  const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const sent: Sent[] = [];
  const take = (text: string): void => {
    const { line, status, id, ...problem } = json(text);
    if (typeof line !== 'number' || typeof status !== 'number' || entries[line - 1] === undefined) return;
    sent[line - 1] = status === 202 && typeof id === 'string' ? id : errorOf({ ...problem, id }, { status });
  };
  const broken = await post(deps, attempt, 'application/x-ndjson', body, async (response) => {
    if (response.status !== 200) return await refusalOf(response, deps);
    let text = '';
    for await (const piece of piecesOf(response, deps, entries.length)) {
      const [first = '', ...more] = piece.split('\n');
      text += first;
      for (const line of more) {
        take(text);
        text = line;
      }
    }
    return undefined;
  });
  if (broken?.status !== undefined && broken.status !== 200) return broken;
  const unanswered =
    broken ?? new VerdiktError('UNREACHABLE', `${deps.base.href}: the answer ended too early`);
  return entries.map((_, i) => sent[i] ?? unanswered);
};
