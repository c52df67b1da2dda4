import type { Clock } from '@verdikt/core/ports/clock.ts';
import { retryAfterMs } from '@verdikt/core/retry-after.ts';
import type { Submission } from './api-types.ts';
import { objectIn, openCall, piecesOf, type AnyRequest, type CallDeps, type OperationName } from './call.ts';
import { errorOf, foreignAnswer, VerdiktError } from './errors.ts';

export interface SendDeps extends CallDeps {
  readonly clock: Clock;
  /** Read of an answer for each word of its request. */
  readonly maxAnswerBytes: number;
}

/** One submission as it is sent. */
export type Entry = Readonly<Submission> & { readonly idempotencyKey: string };

interface Attempt {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** The id, or why there is none. */
export type Sent = string | VerdiktError;

/** The code of the socket error, where there is one. */
export const causeOf = (error: unknown): string => {
  const { cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    cause?: { code?: unknown };
  };
  return typeof cause?.code === 'string' ? cause.code : String(error);
};

/** One request. `read` gets the answer, whatever its status; what it throws, or no answer in time, is UNREACHABLE. */
export const exchange = async <T>(
  deps: SendDeps,
  operation: OperationName,
  { headers, signal, timeoutMs }: Attempt,
  request: AnyRequest,
  read: (response: Response) => Promise<T>,
): Promise<T | VerdiktError> => {
  signal?.throwIfAborted();
  const abort = new AbortController();
  const end = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  const cancel = deps.clock.after(timeoutMs, () => abort.abort());
  try {
    return await read(
      await openCall(deps, operation, {
        ...request,
        headers: { ...headers, ...request.headers },
        signal: abort.signal,
      }),
    );
  } catch (cause) {
    if (cause instanceof VerdiktError) return cause;
    signal?.throwIfAborted();
    const why = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : causeOf(cause);
    return new VerdiktError('UNREACHABLE', `${deps.base.href}: ${why}`, { cause });
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
};

const factsOf = ({ status, headers }: Response, clock: Clock) => ({
  status,
  retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.now()),
});

/** What is thrown once an answer has more than `most` bytes. */
export const tooMuch = (response: Response, most: number, clock: Clock) => (): VerdiktError =>
  foreignAnswer(`more than ${most} bytes, `, factsOf(response, clock));

const textOf = (
  response: Response,
  { maxAnswerBytes, clock }: SendDeps,
  words = 1,
): AsyncGenerator<string> => {
  const most = maxAnswerBytes * words;
  return piecesOf(response, most, tooMuch(response, most, clock));
};
const jsonOf = async (response: Response, deps: SendDeps): Promise<Record<string, unknown>> => {
  let text = '';
  for await (const piece of textOf(response, deps)) text += piece;
  return objectIn(text);
};

export const refusalOf = async (response: Response, deps: SendDeps): Promise<VerdiktError> =>
  errorOf(await jsonOf(response, deps), factsOf(response, deps.clock));

/** One submission. Rejects with the reason of the signal alone. */
export const sendOne = (deps: SendDeps, entry: Entry, attempt: Attempt): Promise<Sent> =>
  exchange<Sent>(deps, 'submitWord', attempt, { body: entry }, async (response) => {
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
    const { line, status, id, ...problem } = objectIn(text);
    if (typeof line !== 'number' || typeof status !== 'number' || entries[line - 1] === undefined) return;
    sent[line - 1] = status === 202 && typeof id === 'string' ? id : errorOf({ ...problem, id }, { status });
  };
  const lines = { body, headers: { 'content-type': 'application/x-ndjson' } };
  const broken = await exchange(deps, 'submitWord', attempt, lines, async (response) => {
    if (response.status !== 200) return await refusalOf(response, deps);
    let text = '';
    for await (const piece of textOf(response, deps, entries.length)) {
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
