import type { ServerResponse } from 'node:http';
import type { Clock } from '@verdikt/core/ports/clock.ts';
import {
  dataFor,
  type Answer,
  type Cursor,
  type Page,
  type Question,
  type ResultEvent,
  type ResultFilter,
} from '../view/question.ts';
import type { LiveReader, ResultsHub } from './results-hub.ts';

interface ReaderDeps {
  readonly res: ServerResponse;
  readonly clock: Clock;
  readonly ask: (question: Question) => Promise<Answer>;
  readonly hub: ResultsHub;
  /** How far results were dealt live, by partition. */
  readonly head: () => Cursor;
  readonly filter: ResultFilter;
  /** Undefined: from now on. */
  readonly from: Cursor | undefined;
  /** What lies before what is kept is not missed. */
  readonly fromStart: boolean;
}

/** One stream of results: a cursor, not a queue. It is live while its socket takes what comes, and reads pages otherwise. */
export interface ResultReader {
  /** Once a second: says how far it is, shows that the connection lives, and ends one that takes nothing. */
  tick(): void;
  /** The view was away: what was live may have been missed. */
  lost(): void;
  /** Ends it with a last message. */
  end(text: string): void;
}

/** So much that a socket did not take makes its reader a slow one. */
const FULL_BYTES = 128 * 1024;
const HEARTBEAT_MS = 15_000;
/** A socket that has taken nothing for so long. */
const DEAD_MS = 60_000;
const AGAIN_MS = 1_000;

const cursorText = (cursor: Cursor): string => cursor.join('.');

const verdictText = ({ viewer }: ResultFilter, events: readonly ResultEvent[]): string =>
  events.map((e) => `event: verdict\ndata: ${dataFor(viewer, e)}\n\n`).join('');
const gapText = (gaps: Page['gaps']): string =>
  gaps.map((g) => `event: gap\ndata: ${JSON.stringify(g)}\n\n`).join('');

export const createResultReader = (d: ReaderDeps): ResultReader => {
  const { res, clock, hub, filter } = d;
  let cursor = d.from;
  let live: LiveReader | undefined;
  let paging = false;
  let ended = false;
  let said = '';
  let saidAt = clock.now();
  /** Since when its socket is full; undefined: it is not. */
  let fullSince: number | undefined;
  let fromStart = d.fromStart;

  const write = (text: string): void => {
    if (ended || text === '') return;
    saidAt = clock.now();
    // A large write is reported as too much although the socket takes all of it at once: what counts is what is left.
    if (res.write(text) || res.writableLength <= FULL_BYTES) return;
    fullSince ??= clock.now();
    leaveLive();
  };

  /** Where it is: all that was dealt, and what it had before. */
  const liveCursor = (of: LiveReader): Cursor => of.told.map((n, p) => Math.max(n, d.head()[p] ?? 0));

  const leaveLive = (): void => {
    if (live === undefined) return;
    cursor = liveCursor(live);
    hub.leave(live);
    live = undefined;
  };

  const joinLive = (told: Cursor): void => {
    live = { filter, told, deliver: (events) => write(verdictText(filter, events)) };
    hub.join(live);
  };

  const saySo = (at: Cursor): string => {
    const text = cursorText(at);
    if (text === said) return '';
    said = text;
    return `id: ${text}\n\n`;
  };

  const onPage = (page: Page): void => {
    cursor = page.next;
    const gaps = fromStart ? [] : page.gaps;
    fromStart = false;
    // Before it is live, so that nothing that comes meanwhile goes ahead of it.
    write(gapText(gaps) + verdictText(filter, page.events) + saySo(page.next));
    const head = d.head();
    // What was dealt since the page was made is on the next one.
    const overtaken = page.next.some((n, p) => (head[p] ?? 0) > n);
    if (page.end && !overtaken && fullSince === undefined && !ended) joinLive(page.next);
  };

  const read = async (): Promise<void> => {
    if (paging) return;
    paging = true;
    while (!ended && live === undefined && fullSince === undefined) {
      const answer = await d.ask({ ask: 'page', from: cursor, filter });
      if (ended) break;
      if (answer.is === 'page') onPage(answer);
      else await new Promise<void>((resolve) => clock.after(AGAIN_MS, resolve));
    }
    paging = false;
  };

  res.on('drain', () => {
    fullSince = undefined;
    void read();
  });
  res.on('close', () => {
    leaveLive();
    ended = true;
  });
  void read();

  return {
    tick() {
      if (ended) return;
      const now = clock.now();
      if (fullSince !== undefined) {
        if (now - fullSince > DEAD_MS) res.destroy();
        return;
      }
      if (live !== undefined) write(saySo(liveCursor(live)));
      if (now - saidAt >= HEARTBEAT_MS) write(':\n\n');
    },
    lost() {
      leaveLive();
      void read();
    },
    end(text) {
      if (ended) return;
      leaveLive();
      ended = true;
      res.end(text);
    },
  };
};
