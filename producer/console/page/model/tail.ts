import type { ResultEvent } from './types.ts';

/** The latest results, bounded whatever comes. */
export interface Tail {
  /** The newest first. */
  readonly shown: readonly ResultEvent[];
  /** Came since it was paused. */
  readonly waiting: readonly ResultEvent[];
  readonly paused: boolean;
  /** All that came while the page was open. */
  readonly seen: number;
  /** Verdicts that were passed over, for want of the stream. */
  readonly gaps: number;
}

export interface Filter {
  /** Part of the word, the key or the id. */
  readonly text: string;
  readonly verdict: 'all' | 'accepted' | 'refused';
}

export const KEPT = 500;
export const EMPTY: Tail = { shown: [], waiting: [], paused: false, seen: 0, gaps: 0 };

const placeOf = (e: ResultEvent): string => `${e.partition}.${e.offset}`;

/** After a break the stream tells some again. */
const fresh = (known: readonly ResultEvent[], events: readonly ResultEvent[]): ResultEvent[] => {
  const places = new Set(known.map(placeOf));
  return events.filter((e) => !places.has(placeOf(e)));
};

export const added = (t: Tail, events: readonly ResultEvent[]): Tail => {
  const own = fresh([...t.waiting, ...t.shown], events);
  if (own.length === 0) return t;
  const newest = own.reverse();
  const seen = t.seen + own.length;
  return t.paused
    ? { ...t, seen, waiting: [...newest, ...t.waiting].slice(0, KEPT) }
    : { ...t, seen, shown: [...newest, ...t.shown].slice(0, KEPT) };
};

export const paused = (t: Tail): Tail => ({ ...t, paused: true });
export const resumed = (t: Tail): Tail => ({
  ...t,
  paused: false,
  waiting: [],
  shown: [...t.waiting, ...t.shown].slice(0, KEPT),
});
export const withGap = (t: Tail): Tail => ({ ...t, gaps: t.gaps + 1 });

export const matches = (f: Filter, e: ResultEvent): boolean => {
  const { verdict } = e;
  if (f.verdict !== 'all' && verdict?.accepted !== (f.verdict === 'accepted')) return false;
  if (f.text === '') return true;
  const text = f.text.toLowerCase();
  return [verdict?.word, e.key, e.id].some((s) => s?.toLowerCase().includes(text) === true);
};
