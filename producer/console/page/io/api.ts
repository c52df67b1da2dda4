import {
  openCall,
  readCall,
  type AnyRequest,
  type CallBody,
  type CallDeps,
  type CallRequest,
  type OperationName,
} from '@verdikt/client/call.ts';
import type { Problem } from '../model/types.ts';

export interface Answer<T> {
  readonly status: number;
  /** Undefined: a problem, or nothing has changed. */
  readonly body: T | undefined;
  readonly problem: Problem | undefined;
  readonly etag: string | null;
  readonly location: string | null;
  readonly retryAfterMs: number;
}

/** How far the clock of the edge is ahead of that of this machine. */
let aheadMs = 0;
/** Less may be the way of the answer. */
const LEAST_MS = 2_000;
export const edgeSays = (at: number): void => {
  const ahead = at - Date.now();
  aheadMs = Math.abs(ahead) < LEAST_MS ? 0 : ahead;
};
/** All times that are shown are by the clock of the edge, so that "in 12 s" is true on a machine whose clock is wrong. */
export const now = (): number => Date.now() + aheadMs;

let token = '';
let refused = (): void => undefined;

/** Kept in memory alone: a reload asks for it again. No cookie, so no other site can use it. */
export const setToken = (text: string): void => void (token = text);
export const onRefused = (f: () => void): void => void (refused = f);
const edge = (): CallDeps => ({
  base: new URL('/', location.href),
  token: token === '' ? undefined : token,
  // As a method of another object it would refuse to run.
  fetch: (input, init) => fetch(input, init),
});
/** The edge wants a token, or another one. */
const tokenRefused = (): void => refused();

/** The answer as it comes. Rejects only when nobody answers. */
export const open = async (operation: OperationName, request: AnyRequest): Promise<Response> => {
  const r = await openCall(edge(), operation, request);
  if (r.status === 401) tokenRefused();
  return r;
};

/** More is not shown in any list. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Rejects only when nobody answers. */
export const ask = async <O extends OperationName>(
  operation: O,
  request: CallRequest<O>,
): Promise<Answer<CallBody<O>>> => {
  const answer = await readCall<O>(
    await open(operation, request),
    MOST_BYTES,
    () => new RangeError('the answer is too long'),
  );
  const { status, headers } = answer;
  return {
    status: Number(status),
    body: answer.ok ? (answer.body as CallBody<O>) : undefined,
    problem: answer.ok ? undefined : answer.problem,
    etag: headers.get('etag'),
    location: headers.get('location'),
    retryAfterMs: Number(headers.get('retry-after') ?? 1) * 1_000,
  };
};

export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
