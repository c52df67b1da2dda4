import type { Clock } from '@verdikt/core/ports/clock.ts';
import { errorOf, VerdiktError } from './errors.ts';

export interface SendDeps {
  /** Of the edge, with a slash at the end. */
  readonly base: URL;
  readonly token: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
}

/** One submission as it is sent. */
export interface Entry {
  readonly word: string;
  readonly key: string | undefined;
  readonly idempotencyKey: string;
}

export interface Attempt {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

/** The id, or why there is none. */
export type Sent = string | VerdiktError;

/** `Retry-After`: seconds, or a date. Undefined for anything else. */
const retryAfterOf = (value: string | null, now: number): number | undefined => {
  if (value === null) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};

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
    signal?.throwIfAborted();
    const why = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : causeOf(cause);
    return new VerdiktError('UNREACHABLE', `${base.href}: ${why}`, { cause });
  } finally {
    cancel();
    signal?.removeEventListener('abort', end);
  }
};

const refusalOf = async (response: Response, clock: Clock): Promise<VerdiktError> => {
  const { status, headers } = response;
  const retryAfterMs = retryAfterOf(headers.get('retry-after'), clock.now());
  return errorOf(json(await response.text()), { status, retryAfterMs });
};

/** One submission. Rejects with the reason of the signal alone. */
export const sendOne = (deps: SendDeps, entry: Entry, attempt: Attempt): Promise<Sent> =>
  post<Sent>(deps, attempt, 'application/json', JSON.stringify(entry), async (response) => {
    if (response.status !== 202) return await refusalOf(response, deps.clock);
    const { id } = json(await response.text());
    return typeof id === 'string' ? id : errorOf({}, { status: response.status });
  });

/**
 * Several submissions as NDJSON: what became of each, in order. A VerdiktError in place of the list: the request as a whole was
 * refused. Those that the edge did not answer before the connection broke are UNREACHABLE.
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
    if (status === 202 && typeof id === 'string') sent[Number(line) - 1] = id;
    else if (typeof line === 'number' && typeof status === 'number')
      sent[line - 1] = errorOf({ ...problem, id }, { status });
  };
  const broken = await post(deps, attempt, 'application/x-ndjson', body, async (response) => {
    if (response.status !== 200) return await refusalOf(response, deps.clock);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      lines.forEach(take);
    }
    return undefined;
  });
  if (broken !== undefined && broken.status !== undefined) return broken;
  const unanswered =
    broken ?? new VerdiktError('UNREACHABLE', `${deps.base.href}: the answer ended too early`);
  return entries.map((_, i) => sent[i] ?? unanswered);
};
