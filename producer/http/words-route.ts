import { at } from '@verdikt/core/at.ts';
import type { RouteHandlerMethod } from 'fastify';
import { admit } from './admit.ts';
import { readBody } from './body.ts';
import type { Accepted, RequestFacts } from '../intake/ingest.ts';
import type { Answer } from '../view/question.ts';
import { parseOne } from '../intake/json.ts';
import { runStream } from './stream.ts';
import { openExchange, type Exchange, type RouteDeps } from './routes.ts';
import { reusedOf } from './reused.ts';
import { identified } from './who.ts';
import { ownerOf, viewerOf, type Caller } from '../auth/caller.ts';
import { readWait, type Wait } from './wait.ts';

/** What one submission was asked with. */
interface One {
  readonly caller: Caller;
  readonly facts: RequestFacts;
  readonly wait: Wait;
}

interface Place {
  readonly partition: number;
  readonly offset: number;
}

/** `POST /v1/words`: one submission as JSON, or a stream of them as NDJSON. */
export const createWordsRoute = (
  deps: RouteDeps,
): { readonly handler: RouteHandlerMethod; stopStreams(): void } => {
  const { limits, ingest, sink, clock, metrics, log, slow, view } = deps;
  const streams = new Set<() => void>();

  /** Where to ask what becomes of it. It is stored whatever the view says. */
  const stored = (x: Exchange, { caller, wait }: One, id: string, place: Place, began: number): void => {
    const body = `{"id":"${id}"}`;
    if (view === undefined) return x.json(202, body);
    const { partition, offset } = place;
    const headers = { location: `/v1/words/${id}?at=${partition}.${offset}`, 'retry-after': '1' };
    // The client counts from when it asked.
    const ms = wait.ms - (clock.now() - began);
    // Waiting is reading.
    if (!caller.scopes.has('read')) return x.json(202, body, headers);
    if (ms <= 0) return x.json(202, body, { ...headers, ...wait.applied });
    const viewer = viewerOf(caller);
    x.answerLater(view.ask({ ask: 'word', id, at: place, viewer, wait: { ms } }), (answer: Answer) => {
      if (answer.is === 'word' && answer.ended)
        return x.json(200, answer.body, {
          ...{ location: headers.location, etag: answer.version, 'cache-control': 'no-store' },
          ...wait.applied,
        });
      const waited = answer.is === 'word' ? answer.waited : answer.is !== 'behind';
      x.json(202, body, { ...headers, ...(waited ? wait.applied : {}) });
    });
  };

  const append = (x: Exchange, asked: One, read: Accepted, now: number): void => {
    const results = sink.append([read.submission]);
    if (results === undefined) return x.problem({ code: 'BUFFER_FULL' });
    const id = `,"id":"${read.id}"`;
    results.then(
      (all) =>
        x.guard(() => {
          const result = at(all, 0);
          metrics.appended((clock.now() - now) / 1000);
          if (!result.ok) return x.problem(result, id);
          metrics.accepted(1);
          const { partition } = read.submission;
          stored(x, asked, read.id, { partition, offset: result.offset }, now);
        }),
      (error: unknown) => {
        log.error({ err: error, ...asked.facts.trace?.ids }, 'an append failed by a fault of this service');
        x.problem({ code: 'APPEND_UNCONFIRMED' }, id);
      },
    );
  };

  const one = (x: Exchange, asked: One): void =>
    readBody(x.req, limits.bodyMaxBytes, slow, (body) =>
      x.guard(() => {
        if (!body.ok) return x.problem(body.problem);
        const parsed = parseOne(body.text);
        if (!parsed.ok) return x.problem(parsed);
        const now = clock.now();
        const read = ingest.submission(parsed.json, asked.facts, now, true);
        if (!read.ok) return x.problem(read);
        const reused = reusedOf(view, ownerOf(asked.caller.principal), [read]);
        if (reused === undefined) return append(x, asked, read, now);
        x.answerLater(reused, (ids) => {
          if (ids.has(read.id)) x.problem({ code: 'KEY_REUSED', field: 'idempotency-key' });
          else append(x, asked, read, now);
        });
      }),
    );

  const stream = (x: Exchange, facts: RequestFacts): void => {
    if (streams.size >= limits.maxStreams)
      return x.problem({ code: 'BUFFER_FULL', detail: 'Too many streams are open. Send it again later.' });
    metrics.streams(1);
    const stop = runStream(deps, x.req, x.res, facts, () => {
      streams.delete(stop);
      metrics.streams(-1);
      facts.trace?.end('stream', 200);
    });
    streams.add(stop);
  };

  return {
    handler: (request, reply) =>
      identified(deps.identify, request, reply, (who) => {
        const admitted = admit(deps, who, request.raw.headers, ['application/json', 'application/x-ndjson']);
        const ndjson = admitted.ok && admitted.mediaType === 'application/x-ndjson';
        const trace = admitted.ok ? admitted.facts.trace : undefined;
        const x = openExchange(deps, ndjson ? 'stream' : 'words', request, reply, trace);
        x.guard(() => {
          if (!admitted.ok) x.problem(admitted.problem);
          else if (ndjson) stream(x, admitted.facts);
          else {
            const wait = readWait((request.query as { wait?: unknown }).wait, request.raw.headers);
            if ('code' in wait) x.problem(wait);
            else one(x, { ...admitted, wait });
          }
        });
      }),
    stopStreams() {
      for (const stop of streams) stop();
    },
  };
};
