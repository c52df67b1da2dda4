import { createEventParser, type ServerEvent } from '@verdikt/client/events.ts';
import type { ResultEvent } from '../model/types.ts';
import { open, pause } from './api.ts';

export type StreamState = 'connecting' | 'live' | 'lost' | 'off';
export interface Listener {
  readonly events: (events: readonly ResultEvent[]) => void;
  readonly state: (state: StreamState) => void;
  /** Verdicts were passed over. */
  readonly gap: () => void;
}
type Told =
  | { readonly events: readonly ResultEvent[] }
  | { readonly state: StreamState }
  | { readonly gap: true }
  | { readonly asks: true };

const NAME = 'verdikt-results';
const BATCH_MS = 100;
/** Of each partition, so that the list is not empty when the page opens. */
const BACK = 16;

/** A little before a position. */
export const backed = (position: string): string =>
  position
    .split('.')
    .map((n) => Math.max(0, Number(n) - BACK))
    .join('.');

/** Reads the stream of the edge, and comes back where it left off, until it is told to end. */
const read = async (tell: (told: Told) => void, signal: AbortSignal): Promise<void> => {
  let position = '';
  let retryMs = 2_000;
  let opening = true;
  let batch: ResultEvent[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    // Partitions are read one after the other.
    if (batch.length > 0) tell({ events: batch.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)) });
    batch = [];
  };
  /** True: the stream is to be opened again at once. */
  const take = (e: ServerEvent): boolean => {
    if (e.retry !== undefined) retryMs = e.retry;
    if (e.event === 'verdict') {
      batch.push(JSON.parse(e.data) as ResultEvent);
      timer ??= setTimeout(flush, BATCH_MS);
    } else if (e.event === 'gap' && !opening) tell({ gap: true });
    if (e.id === undefined) return false;
    const first = position === '';
    position = first ? backed(e.id) : e.id;
    if (!first) opening = false;
    return first;
  };
  const once = async (): Promise<boolean> => {
    const headers: Record<string, string> = position === '' ? {} : { 'last-event-id': position };
    const own = new AbortController();
    const stop = (): void => own.abort();
    signal.addEventListener('abort', stop);
    try {
      const r = await open('streamResults', { headers, signal: own.signal });
      if (r.status === 501) {
        tell({ state: 'off' });
        await pause(30_000, signal);
        return false;
      }
      if (r.status !== 200 || r.body === null) return false;
      tell({ state: 'live' });
      const parse = createEventParser();
      const text = new TextDecoder();
      for await (const piece of r.body)
        for (const e of parse(text.decode(piece, { stream: true }))) if (take(e)) return true;
      return false;
    } finally {
      signal.removeEventListener('abort', stop);
      own.abort();
    }
  };
  while (!signal.aborted) {
    // Whatever failed: it is told as `lost` below, and asked again.
    const again = await once().catch(() => false);
    flush();
    clearTimeout(timer);
    if (again || signal.aborted) continue;
    tell({ state: 'lost' });
    await pause(retryMs, signal);
  }
};

/**
 * Tells results as they come. However many pages are open in a browser, one of them reads the stream and tells the others:
 * a browser opens six connections to a server at most.
 */
export const listenToResults = (listener: Listener): (() => void) => {
  const ending = new AbortController();
  const channel = new BroadcastChannel(NAME);
  let state: StreamState = 'connecting';
  let leading = false;
  const hear = (told: Told): void => {
    if ('events' in told) listener.events(told.events);
    else if ('state' in told) listener.state((state = told.state));
    else if ('gap' in told) listener.gap();
    else if (leading) channel.postMessage({ state } satisfies Told);
  };
  const tell = (told: Told): void => {
    hear(told);
    channel.postMessage(told);
  };
  const lead = async (): Promise<void> => {
    leading = true;
    await read(tell, ending.signal);
  };
  channel.onmessage = ({ data }: MessageEvent<Told>) => hear(data);
  channel.postMessage({ asks: true } satisfies Told);
  // Locks are given to pages of this machine and of https alone; elsewhere each page reads for itself.
  const locks = (navigator as Partial<Navigator>).locks;
  const reading =
    locks === undefined ? lead() : locks.request(NAME, { signal: ending.signal }, lead).then(() => undefined);
  // It rejects when the page goes, which ends it in any case.
  reading.catch(() => undefined);
  return () => {
    ending.abort();
    channel.close();
  };
};
