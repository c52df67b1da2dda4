import { matches, type Page, type Question, type ResultEvent } from './question.ts';
import type { Position, ViewStore } from './store.ts';
import { eventOf } from './tell.ts';

/** Verdicts that are looked at for one page, whatever the filter leaves of them. */
const LOOKED_AT = 4_000;
const MAX_EVENTS = 1_000;
/** Of JSON, past the first event. */
const MAX_CHARS = 256 * 1024;

type Ask = Extract<Question, { ask: 'page' }>;

/** What readers get that are not at the end: verdicts from a cursor on, partition by partition. All that was read must be in the store. */
export const readPage = (
  store: ViewStore,
  positions: ReadonlyMap<string, Position>,
  partitions: number,
  { from, filter }: Ask,
): Page => {
  const next: number[] = [];
  const gaps: { partition: number; from: number; to: number }[] = [];
  const events: ResultEvent[] = [];
  let looked = 0;
  let chars = 0;
  let end = true;
  const full = (): boolean => looked >= LOOKED_AT || events.length >= MAX_EVENTS || chars >= MAX_CHARS;
  for (let partition = 0; partition < partitions; partition++) {
    const p = positions.get(`results.${partition}`);
    const head = p?.offset ?? 0;
    // What a cursor of another edge is ahead of us comes later, and live.
    let at = from?.[partition] ?? head;
    if (p !== undefined && at < p.from) {
      gaps.push({ partition, from: at, to: p.from });
      at = p.from;
    }
    if (at < head && full()) end = false;
    while (at < head && !full()) {
      const found = store.ends(partition, at, head, Math.min(500, LOOKED_AT - looked));
      if (found.length === 0) at = head;
      for (const { offset, life } of found) {
        looked++;
        at = offset + 1;
        if (life === undefined) gaps.push({ partition, from: offset, to: offset + 1 });
        else {
          const event = eventOf(life, offset);
          if (matches(filter, event)) {
            events.push(event);
            chars += event.data.length;
          }
        }
        if (full()) break;
      }
      if (at < head && full()) end = false;
    }
    next.push(at);
  }
  return { is: 'page', events, next, end, gaps };
};
