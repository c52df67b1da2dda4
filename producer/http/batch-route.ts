import type { RouteHandlerMethod } from 'fastify';
import { admit } from './admit.ts';
import { answerBatch, batchEntries } from './batch-answer.ts';
import { readBody } from './body.ts';
import type { RequestFacts } from '../intake/ingest.ts';
import { parseBatch } from '../intake/json.ts';
import type { AppendResult } from '@verdikt/core/ports/sink.ts';
import { isAccepted, refuseReused, reusedOf, type Read } from './reused.ts';
import { openExchange, type Exchange, type RouteDeps } from './routes.ts';
import { ownerOf } from '../auth/caller.ts';
import { identified } from './who.ts';

/** `POST /v1/words:batch`: an array of submissions, appended together, answered one by one. */
export const createBatchRoute = (deps: RouteDeps): RouteHandlerMethod => {
  const { limits, ingest, sink, clock, metrics, log, slow, view } = deps;

  const answer = (x: Exchange, read: readonly Read[], results: readonly AppendResult[] | undefined): void => {
    const entries = batchEntries(read, results);
    const { status, problem, accepted, members } = answerBatch(entries);
    metrics.accepted(accepted);
    for (const e of entries) if (e.problem !== undefined) metrics.refused(e.problem.code, 1);
    if (problem === undefined) x.json(status, `{${members}}`);
    else x.problem(problem, `,${members}`, 0);
  };

  const append = (x: Exchange, facts: RequestFacts, read: readonly Read[], now: number): void => {
    const submissions = read.flatMap((r) => (isAccepted(r) ? r.submission : []));
    if (submissions.length === 0) return answer(x, read, []);
    const results = sink.append(submissions);
    if (results === undefined) return answer(x, read, undefined);
    results.then(
      (all) =>
        x.guard(() => {
          metrics.appended((clock.now() - now) / 1000);
          answer(x, read, all);
        }),
      (error: unknown) => {
        log.error({ err: error, ...facts.trace?.ids }, 'an append failed by a fault of this service');
        x.problem({ code: 'APPEND_UNCONFIRMED' });
      },
    );
  };

  const batch = (x: Exchange, { facts }: { readonly facts: RequestFacts }): void =>
    readBody(x.req, limits.batchMaxBytes, slow, (body) =>
      x.guard(() => {
        if (!body.ok) return x.problem(body.problem);
        const parsed = parseBatch(body.text, limits.batchMaxSubmissions);
        if (!parsed.ok) return x.problem(parsed);
        const now = clock.now();
        const read = parsed.json.map((p) => (p.ok ? ingest.submission(p.json, facts, now) : p));
        const reused = reusedOf(view, ownerOf(facts.principal), read);
        if (reused === undefined) return append(x, facts, refuseReused(read), now);
        x.answerLater(reused, (ids) => append(x, facts, refuseReused(read, ids), now));
      }),
    );

  return (request, reply) =>
    identified(deps.identify, request, reply, (who) => {
      const admitted = admit(deps, who, request.raw.headers, ['application/json']);
      const x = openExchange(deps, 'batch', request, reply, admitted.ok ? admitted.facts.trace : undefined);
      x.guard(() => {
        if (admitted.ok) batch(x, admitted);
        else x.problem(admitted.problem);
      });
    });
};
