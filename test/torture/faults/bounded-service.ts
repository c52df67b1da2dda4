import type { ServerResponse } from 'node:http';
import { sendJson, serveHttp } from '../../support/http-server.ts';

/** What a service is asked about. */
interface Asked {
  readonly word: string;
  readonly id: string;
  readonly attempt: number;
}

interface BoundedOptions {
  /** Answers a second that it bears; what comes beyond waits. Default: all that come. */
  readonly perSecond?: number;
  /** Time until an answer, ms, beside the wait. Default none. */
  readonly delayMs?: (asked: Asked) => number;
  /** Answers 503. Default never. */
  readonly fails?: (asked: Asked) => boolean;
}

/** A check service that bears a certain rate, and can be away. */
export interface BoundedService {
  readonly url: string;
  /** Verdicts given so far. */
  readonly given: () => number;
  /** Breaks what waits; then every second call is answered 503, and the others lose their connection. */
  away(): void;
  back(): void;
  stop(): Promise<void>;
}

/** Answers whether the word has an even number of characters. */
export const startBoundedService = async (o: BoundedOptions = {}): Promise<BoundedService> => {
  const everyMs = o.perSecond === undefined ? 0 : 1_000 / o.perSecond;
  const waiting = new Map<ServerResponse, NodeJS.Timeout>();
  let given = 0;
  let refused = 0;
  let isAway = false;
  let free = 0;

  const answer = (asked: Asked, response: ServerResponse): void => {
    waiting.delete(response);
    if (response.destroyed) return;
    if (o.fails?.(asked) === true) return sendJson(response, 503, {});
    given++;
    sendJson(response, 200, { answer: asked.word.length % 2 === 0 });
  };
  const { origin, server, stop } = await serveHttp((request, response, body) => {
    if (isAway) {
      if (refused++ % 2 === 0) sendJson(response, 503, {});
      else request.socket.destroy();
      return;
    }
    const asked = JSON.parse(String(body)) as Asked;
    const now = performance.now();
    free = Math.max(now, free) + everyMs;
    const wait = free - now + (o.delayMs?.(asked) ?? 0);
    waiting.set(response, setTimeout(answer, wait, asked, response));
  });
  const breakAll = (): void => {
    for (const [response, timer] of waiting) {
      clearTimeout(timer);
      response.destroy();
    }
    waiting.clear();
  };
  // A connection that it ends for being idle just when it is used again would cost an attempt.
  server.keepAliveTimeout = 0;
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  return {
    url: `${origin}/check`,
    given: () => given,
    away: () => {
      isAway = true;
      breakAll();
    },
    back: () => {
      isAway = false;
      free = 0;
    },
    stop: () => {
      breakAll();
      return stop();
    },
  };
};
