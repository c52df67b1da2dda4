import type { Result } from './api-types.ts';
import { openCall } from './call.ts';
import { foreignAnswer, VerdiktError } from './errors.ts';
import { createEventParser, type ServerEvent } from './events.ts';
import { pause } from './retries.ts';
import { causeOf, refusalOf, type SendDeps } from './send.ts';

export interface ResultsOptions {
  /** Only verdicts of this key. @default all */
  readonly key?: string;
  /** Only that of this submission. @default all */
  readonly id?: string;
  /** Only such verdicts. @default both */
  readonly verdict?: 'accepted' | 'refused';
  /** `start` for all that is kept, or a `position` that was given before. @default from now on */
  readonly from?: string;
  /** Ends it; it throws its reason. @default never */
  readonly signal?: AbortSignal;
}

/** What the stream of results tells. */
export type ResultEvent =
  | { readonly kind: 'verdict'; readonly result: Result }
  /** All before it has been told; with it as `from`, any edge goes on from here. At most once a second. */
  | { readonly kind: 'position'; readonly position: string }
  /** Some verdicts were passed over: they are not kept any more, or were not told before the connection broke. */
  | { readonly kind: 'gap' }
  /** A verdict came as something else than JSON, for example because a proxy changed it. It is `data`; the stream goes on. */
  | { readonly kind: 'invalid'; readonly error: VerdiktError; readonly data: string };

/** An edge says something every 15 s. */
const SILENT_MS = 45_000;
const RETRY_MS = 2_000;
/** Of one event. */
const MOST_CHARACTERS = 1024 * 1024;

const verdictOf = (data: string, from: string | undefined): ResultEvent => {
  let cause: unknown;
  try {
    const result: unknown = JSON.parse(data);
    if (typeof result === 'object' && result !== null) return { kind: 'verdict', result: result as Result };
  } catch (e) {
    cause = e;
  }
  const where = from === undefined ? 'a position before it' : `"${from}"`;
  const message = `a verdict on the stream of results is not JSON: read it again with ${where} as \`from\`, or from the topic of results`;
  return {
    kind: 'invalid',
    error: new VerdiktError('ANSWER_INVALID', message, { status: 200, cause }),
    data,
  };
};

/** The events of one connection. Throws a VerdiktError where it is refused, breaks off or falls silent. */
async function* connected(
  deps: SendDeps,
  { signal, ...query }: ResultsOptions,
): AsyncGenerator<ServerEvent, void> {
  const abort = new AbortController();
  const end = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', end, { once: true });
  let cancel = (): void => undefined;
  const listen = (): void => {
    cancel();
    cancel = deps.clock.after(SILENT_MS, () => abort.abort(new Error(`silent for ${SILENT_MS} ms`)));
  };
  try {
    listen();
    const response = await openCall(deps, 'streamResults', { query, signal: abort.signal });
    if (response.status !== 200) throw await refusalOf(response, deps);
    const parse = createEventParser();
    const decoder = new TextDecoder();
    let begun = 0;
    for await (const chunk of response.body ?? []) {
      listen();
      const text = decoder.decode(chunk as Uint8Array, { stream: true });
      const events = parse(text);
      begun = events.length > 0 ? 0 : begun + text.length;
      if (begun > MOST_CHARACTERS) throw foreignAnswer('an event without end, ', { status: 200 });
      yield* events;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof VerdiktError) throw cause;
    throw new VerdiktError('UNREACHABLE', `${deps.base.href}: ${causeOf(cause)}`, { cause });
  } finally {
    cancel();
    abort.abort();
    signal?.removeEventListener('abort', end);
  }
}

/** The stream of results over any number of connections: each goes on where the one before was. See `Client.results`. */
export async function* readResults(
  deps: SendDeps,
  options: ResultsOptions,
): AsyncGenerator<ResultEvent, void> {
  const { signal } = options;
  let { from } = options;
  let retryMs = RETRY_MS;
  for (;;) {
    signal?.throwIfAborted();
    let waitMs = 0;
    try {
      for await (const e of connected(deps, { ...options, ...(from === undefined ? {} : { from }) })) {
        if (e.retry !== undefined) retryMs = e.retry;
        if (e.event === 'verdict') yield verdictOf(e.data, from);
        else if (e.event === 'gap') yield { kind: 'gap' };
        if (e.id !== undefined) yield { kind: 'position', position: (from = e.id) };
      }
    } catch (e) {
      if (!(e instanceof VerdiktError) || !e.retryable) throw e;
      waitMs = e.retryAfterMs ?? 0;
    }
    await pause(deps.clock, Math.max(waitMs, retryMs), signal);
    // It had told no position yet, so what came meanwhile is not known.
    if (from === undefined) yield { kind: 'gap' };
  }
}
