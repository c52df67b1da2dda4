import type { FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Cursor, ResultFilter } from '../view/question.ts';
import type { Problem } from './problem.ts';
import { viewerOf, type Viewer } from '../auth/caller.ts';
import { admitReader, readingRoute } from './read-routes.ts';
import { createResultReader, type ResultReader } from './result-reader.ts';
import { createResultsHub } from './results-hub.ts';
import type { RouteDeps } from './routes.ts';

const TICK_MS = 1_000;
const RETRY_MS = 2_000;
/** So that those who were told to come back do not come back together. */
const BUSY_MS = 10_000;
const CURSOR = /^\d{1,15}(\.\d{1,15})*$/;
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // For proxies that would keep it back.
  'x-accel-buffering': 'no',
};

export const BAD_VERDICT: Problem = {
  code: 'INPUT_INVALID',
  field: 'verdict',
  detail: 'Give verdict as accepted or refused.',
};
const BAD_FROM: Problem = {
  code: 'INPUT_INVALID',
  field: 'from',
  detail: 'Give from as start, or as an id of this stream.',
};

const stopText = (retryMs: number): string => `retry: ${retryMs}\nevent: stop\ndata: {}\n\n`;

type Query = Readonly<Record<string, string | undefined>>;

const readFilter = (query: Query, viewer: Viewer): ResultFilter | Problem => {
  const { key, id, verdict } = query;
  if (verdict !== undefined && verdict !== 'accepted' && verdict !== 'refused') return BAD_VERDICT;
  return { viewer, key, id, accepted: verdict === undefined ? undefined : verdict === 'accepted' };
};

interface Start {
  readonly from: Cursor | undefined;
  readonly fromStart: boolean;
  /** It was given and is not of these partitions. */
  readonly foreign: boolean;
}

/** `Last-Event-ID`, as browsers send it when they come back, goes over `?from=`. */
const readStart = (request: FastifyRequest, partitions: number): Start | Problem => {
  const last = request.raw.headers['last-event-id'];
  const { from } = request.query as Query;
  const given = typeof last === 'string' && last !== '' ? last : from;
  if (given === undefined) return { from: undefined, fromStart: false, foreign: false };
  if (given === 'start')
    return { from: Array.from({ length: partitions }, () => 0), fromStart: true, foreign: false };
  if (!CURSOR.test(given)) {
    // Any status but 200 would end the stream of a browser for good; what it was given by another version is passed over.
    return given === last ? { from: undefined, fromStart: false, foreign: true } : BAD_FROM;
  }
  const cursor = given.split('.').map(Number);
  const foreign = cursor.length !== partitions;
  return { from: foreign ? undefined : cursor, fromStart: false, foreign };
};

/** `GET /v1/results/stream`: verdicts as server-sent events. */
export const createResultsRoute = (
  deps: RouteDeps,
): { readonly handler: RouteHandlerMethod; stop(): void } => {
  const { clock, view, partitions, metrics } = deps;
  const hub = createResultsHub();
  const readers = new Set<ResultReader>();
  let head: number[] = [];
  let stopListening: (() => void) | undefined;
  let cancelTick = (): void => undefined;

  const tick = (): void => {
    for (const reader of readers) reader.tick();
    cancelTick = clock.after(TICK_MS, tick);
  };
  const listen = (): void => {
    if (view === undefined || stopListening !== undefined) return;
    head = [];
    stopListening = view.listen(
      (events) => {
        for (const { partition, offset } of events) head[partition] = offset + 1;
        hub.deal(events);
      },
      () => {
        for (const reader of readers) reader.lost();
        head = [];
      },
    );
    tick();
  };
  const hush = (): void => {
    stopListening?.();
    stopListening = undefined;
    cancelTick();
  };
  const jitter = (ms: number): number => ms + Math.floor(deps.random() * ms);

  const handler = readingRoute(deps, 'results', (x, who, request) => {
    const reading = admitReader(deps, x, who);
    if (reading === undefined) return;
    const { caller } = reading;
    const filter = readFilter(request.query as Query, viewerOf(caller));
    if ('code' in filter) return x.problem(filter, '', 0);
    const start = readStart(request, partitions);
    if ('code' in start) return x.problem(start, '', 0);
    const { res } = x;
    res.writeHead(200, HEADERS);
    metrics.answered('results', 200);
    if (readers.size >= deps.limits.viewMaxReaders) {
      res.end(`retry: ${jitter(BUSY_MS)}\nevent: busy\ndata: {}\n\n`);
      return;
    }
    res.write(`retry: ${RETRY_MS}\n\n`);
    if (start.foreign) res.write('event: gap\ndata: {"reason":"the id is not of this stream"}\n\n');
    // Listening begins before the first page is asked for, so that nothing falls between them.
    listen();
    const reader = createResultReader({
      ...{ res, clock, hub, filter, from: start.from, fromStart: start.fromStart },
      ...{ ask: reading.view.ask, head: () => head },
    });
    readers.add(reader);
    metrics.readers(1);
    // No longer than its token.
    const cancelEnd =
      caller.until === undefined
        ? (): void => undefined
        : clock.after(Math.max(0, caller.until - clock.now()), () => reader.end(stopText(jitter(RETRY_MS))));
    res.once('close', () => {
      cancelEnd();
      readers.delete(reader);
      metrics.readers(-1);
      if (readers.size === 0) hush();
    });
  });

  return {
    handler,
    stop() {
      for (const reader of [...readers]) reader.end(stopText(jitter(RETRY_MS)));
      hush();
    },
  };
};
