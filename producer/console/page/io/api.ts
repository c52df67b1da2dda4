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

export interface Ask {
  readonly method?: 'GET' | 'POST';
  readonly body?: object;
  readonly etag?: string | undefined;
  readonly signal?: AbortSignal;
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
export const headersOf = (more: Record<string, string> = {}): Record<string, string> =>
  token === '' ? more : { ...more, authorization: `Bearer ${token}` };
/** The edge wants a token, or another one. */
export const tokenRefused = (): void => refused();

const jsonOf = async (r: Response): Promise<unknown> => {
  try {
    return await r.json();
  } catch {
    return undefined;
  }
};

/** Rejects only when nobody answers. */
export const ask = async <T>(
  path: string,
  { method = 'GET', body, etag, signal }: Ask = {},
): Promise<Answer<T>> => {
  const r = await fetch(path, {
    method,
    headers: headersOf({
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(etag === undefined ? {} : { 'if-none-match': etag }),
    }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
    cache: 'no-store',
  });
  if (r.status === 401) tokenRefused();
  const found = r.status === 304 ? undefined : await jsonOf(r);
  const ok = r.status < 300;
  return {
    status: r.status,
    body: ok ? (found as T) : undefined,
    problem: ok || r.status === 304 ? undefined : (found as Problem | undefined),
    etag: r.headers.get('etag'),
    location: r.headers.get('location'),
    retryAfterMs: Number(r.headers.get('retry-after') ?? 1) * 1_000,
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
