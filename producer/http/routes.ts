import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Log } from '@verdikt/core/ports/log.ts';
import type { AdmitDeps } from './admit.ts';
import type { Deadlines } from '../intake/deadlines.ts';
import type { IngestLimits } from '../intake/ingest.ts';
import type { Route } from '../metrics.ts';
import { problemBody, statusOf, type Problem } from './problem.ts';
import { JSON_TYPE, problemHeaders, respond } from './respond.ts';
import type { RemoteOperators } from '../operators/remote.ts';
import type { RemoteView } from '../view/remote.ts';
import type { StreamDeps, StreamLimits } from './stream.ts';
import type { RequestTrace } from '../tracing.ts';

export interface RequestLimits extends IngestLimits, StreamLimits {
  /** Of the body of one submission. */
  readonly bodyMaxBytes: number;
  readonly batchMaxBytes: number;
  readonly batchMaxSubmissions: number;
  /** NDJSON streams open at once. */
  readonly maxStreams: number;
  /** Result streams open at once. */
  readonly viewMaxReaders: number;
}

export interface RouteDeps extends StreamDeps, AdmitDeps {
  readonly limits: RequestLimits;
  readonly log: Log;
  /** Ends bodies that take too long. */
  readonly slow: Deadlines;
  /** Undefined: this edge keeps none. */
  readonly view: Pick<RemoteView, 'ask' | 'listen'> | undefined;
  /** Undefined: operators are served elsewhere. */
  readonly operators: Pick<RemoteOperators, 'ask'> | undefined;
  /** Of `words` and `results`. */
  readonly partitions: number;
  /** 0 .. 1. */
  readonly random: () => number;
}

/** One request in our hands: fastify routed it, the rest is ours. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Answers with JSON. */
  json(status: number, body: string, headers?: OutgoingHttpHeaders): void;
  /** Answers with text that is not JSON; its headers name the type. */
  text(body: string, headers: OutgoingHttpHeaders): void;
  /** Answers without a body. */
  empty(status: 304, headers: OutgoingHttpHeaders): void;
  /** Answers when it is known; what goes wrong then is a fault of ours as well. */
  answerLater<T>(known: Promise<T>, answer: (known: T) => void): void;
  /** Answers with a problem. `extra`: more members of the body, starting with a comma. Counts `refused` submissions, default 1. */
  problem(p: Problem, extra?: string, refused?: number): void;
  /** Runs `f`; what it throws is a fault of ours, answered by INTERNAL and logged. */
  guard(f: () => void): void;
}

export const openExchange = (
  deps: RouteDeps,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  trace?: RequestTrace,
): Exchange => {
  reply.hijack();
  const { clock, metrics, log } = deps;
  const req = request.raw;
  const res = reply.raw;
  const gone = (): boolean => {
    if (res.destroyed) metrics.clientGone();
    return res.destroyed;
  };
  const answer = (status: number, headers: OutgoingHttpHeaders, body: string): void => {
    trace?.end(route, status);
    if (gone()) return;
    metrics.answered(route, status);
    // Else an idle connection would hold up the stop.
    if (deps.stopping()) headers.connection = 'close';
    respond(req, res, clock, status, headers, body);
  };
  const exchange: Exchange = {
    req,
    res,
    text: (body, headers) => answer(200, { ...headers }, body),
    json: (status, body, headers) => answer(status, { ...headers, 'content-type': JSON_TYPE }, body),
    empty: (status, headers) => {
      if (gone()) return;
      metrics.answered(route, status);
      res.writeHead(status, headers).end();
    },
    answerLater: (known, f) => {
      known.then(
        (value) => exchange.guard(() => f(value)),
        (error: unknown) =>
          exchange.guard(() => {
            throw error;
          }),
      );
    },
    problem(p, extra, refused = 1) {
      if (refused > 0) metrics.refused(p.code, refused);
      answer(statusOf(p), problemHeaders(p), problemBody(p, extra));
    },
    guard(f) {
      try {
        f();
      } catch (error) {
        log.error({ err: error, route, ...trace?.ids }, 'a request failed by a fault of this service');
        if (res.headersSent) res.destroy();
        else exchange.problem({ code: 'INTERNAL' });
      }
    },
  };
  return exchange;
};
