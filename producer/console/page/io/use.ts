import type { CallBody, CallRequest, OperationName } from '@verdikt/client/call.ts';
import { useEffect, useState } from 'preact/hooks';
import type { Health } from '../model/strip.ts';
import type { Key, Problem, Word } from '../model/types.ts';
import { readHash, type Where } from '../model/where.ts';
import { ask, edgeSays, now, pause } from './api.ts';

const SUMMARY_MS = 2_000;
const KEY_MS = 1_000;
const AGAIN_MS = 1_000;
const NO_ANSWER: Problem = {
  status: 0,
  code: 'UNREACHABLE',
  detail: 'The edge does not answer. Is it running?',
};

/** Runs `loop` while the page shows what asks for it. */
const useLoop = (loop: (signal: AbortSignal) => Promise<void>, on: readonly unknown[]): void =>
  useEffect(() => {
    const ending = new AbortController();
    void loop(ending.signal);
    return () => ending.abort();
  }, on);

/** The time, once a second. */
export const useNow = (everyMs = 1_000): number => {
  const [time, set] = useState(now());
  useEffect(() => {
    const timer = setInterval(() => set(now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return time;
};

export const useWhere = (): Where => {
  const [where, set] = useState(readHash(location.hash));
  useEffect(() => {
    const changed = (): void => set(readHash(location.hash));
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return where;
};

/** A page that nobody sees asks nothing. */
const seen = async (signal: AbortSignal): Promise<void> => {
  while (document.hidden && !signal.aborted) await pause(500, signal);
};

/** `viewOff`: this edge keeps none, so there is nothing to tell. */
export const useHealth = (epoch: number): Health & { readonly viewOff: boolean } => {
  const [health, set] = useState<Health & { readonly viewOff: boolean }>({
    ...{ summary: undefined, at: 0, viewOff: false },
  });
  useLoop(
    async (signal) => {
      while (!signal.aborted) {
        await seen(signal);
        try {
          const { status, body, problem } = await ask('getSummary', { signal });
          const viewOff = status === 501;
          if (body !== undefined) edgeSays(body.now);
          if (body !== undefined) set({ summary: body, at: now(), viewOff });
          else set((h) => ({ ...h, failure: problem?.detail ?? NO_ANSWER.detail, viewOff }));
        } catch {
          if (!signal.aborted) set((h) => ({ ...h, failure: NO_ANSWER.detail }));
        }
        await pause(SUMMARY_MS, signal);
      }
    },
    [epoch],
  );
  return health;
};

export interface Asked<T> {
  readonly body: T | undefined;
  /** The last answer. What was known before may be shown beside it. */
  readonly problem: Problem | undefined;
}
const NOTHING = { body: undefined, problem: undefined };
/** Asking again helps with these. */
const passes = ({ status }: Problem): boolean => status === 0 || (status >= 500 && status !== 501);

/** Follows a word until its outcome, and goes on in case it is redriven: the edge answers when something changes. */
export const useWord = (id: string, place: string | undefined, epoch: number): Asked<Word> => {
  const [asked, set] = useState<Asked<Word>>(NOTHING);
  useLoop(
    async (signal) => {
      set(NOTHING);
      let etag: string | undefined;
      while (!signal.aborted) {
        const query = { ...(place && { at: place }), ...(etag && { wait: '20s' }) };
        const headers = etag === undefined ? {} : { 'if-none-match': etag };
        let waitMs = 100;
        try {
          const a = await ask('getWord', { path: { id }, query, headers, signal });
          const { body, problem } = a;
          etag = a.etag ?? etag;
          if (body !== undefined) set({ body, problem: undefined });
          else if (problem !== undefined) set((known) => ({ ...known, problem }));
          else if (a.status === 304) set((known) => ({ ...known, problem: undefined }));
          if (problem !== undefined && !passes(problem)) return;
          if (a.etag === null) waitMs = a.retryAfterMs;
        } catch {
          if (signal.aborted) return;
          set((known) => ({ ...known, problem: NO_ANSWER }));
          waitMs = 2_000;
        }
        await pause(waitMs, signal);
      }
    },
    [id, place, epoch],
  );
  return asked;
};

export interface Polled<T> extends Asked<T> {
  /** Of the last answer; 0: there was none. */
  readonly status: number;
}

/** Asks again and again, while somebody looks; `everyMs` undefined: until there is an answer. */
export const usePolled = <O extends OperationName>(
  operation: O,
  request: CallRequest<O>,
  everyMs: number | undefined,
  epoch: number,
): Polled<CallBody<O>> => {
  const [asked, set] = useState<Polled<CallBody<O>>>({ ...NOTHING, status: 0 });
  useLoop(
    async (signal) => {
      set({ ...NOTHING, status: 0 });
      let answered = false;
      while (!signal.aborted) {
        await seen(signal);
        try {
          const { status, body, problem } = await ask(operation, { ...request, signal });
          set((known) => ({ status, body: body ?? known.body, problem }));
          answered = problem === undefined;
          if (problem !== undefined && !passes(problem)) return;
        } catch {
          if (signal.aborted) return;
          set((known) => ({ ...known, problem: NO_ANSWER }));
        }
        if (everyMs === undefined && answered) return;
        await pause(everyMs ?? AGAIN_MS, signal);
      }
    },
    [operation, JSON.stringify(request), everyMs, epoch],
  );
  return asked;
};

/** `asOf` undefined: as it is now. `below` undefined: the newest. Only what is both is kept fresh. */
export const useKey = (
  key: string,
  { below, asOf }: { readonly below: number | undefined; readonly asOf: number | undefined },
  epoch: number,
): Asked<Key> =>
  usePolled(
    'getKey',
    {
      path: { key },
      query: {
        ...(below === undefined ? {} : { below: String(below) }),
        ...(asOf === undefined ? {} : { asOf: String(asOf) }),
      },
    },
    below === undefined && asOf === undefined ? KEY_MS : undefined,
    epoch,
  );

const HASH_MS = 300;
/**
 * A time that the address carries, as far as it stands still: browsers refuse an address that changes all the time. No history is
 * made of it.
 */
export const useAsOf = (
  given: number | undefined,
  hashOf: (asOf: number | undefined) => string,
): readonly [number | undefined, (asOf: number | undefined) => void] => {
  const [asOf, set] = useState(given);
  useEffect(() => set(given), [given]);
  useEffect(() => {
    if (asOf === given) return undefined;
    const timer = setTimeout(() => location.replace(hashOf(asOf)), HASH_MS);
    return () => clearTimeout(timer);
  }, [asOf]);
  return [asOf, set];
};
