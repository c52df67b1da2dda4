import { at } from '@verdikt/core/at.ts';
import {
  contextOf,
  headersOf,
  SAMPLED,
  traceIds,
  type TraceIds,
  type TraceContext,
  type TraceHeaders,
} from '@verdikt/core/record/trace-context.ts';
import { A, sendAttributes, type Tracer } from '@verdikt/core/tracing/tracing.ts';
import type { RecordSink, SendTrace, Submission } from '@verdikt/core/ports/sink.ts';

/** The span of one request. */
export interface RequestTrace {
  /**
   * The span that sends one submission of this request; undefined where it is not traced. `alone`: the only submission of its
   * request, whose trace it always shares.
   */
  send(partition: number, id: string, alone: boolean): SendTrace | undefined;
  /** For what is logged of the request. */
  readonly ids: TraceIds | undefined;
  /** The request was answered. First call counts. */
  end(route: string, status: number): void;
}

export interface EdgeTracing {
  /** @param caller what the request said, checked */
  request(caller: TraceHeaders | undefined): RequestTrace;
}

/** Path of a route as it is called in metrics. */
const PATHS: Readonly<Record<string, string>> = {
  words: '/v1/words',
  stream: '/v1/words',
  batch: '/v1/words:batch',
};

/**
 * Traces of requests. A sampled caller's trace goes on through its submissions. Without one, a request begins a trace by
 * ratio; so does each submission of a batch or stream, linked to the request, for else one trace would hold thousands.
 */
export const createEdgeTracing = (tracer: Tracer, topic: string): EdgeTracing => {
  const sendTrace = (
    parent: TraceContext | undefined,
    link: TraceContext | undefined,
    partition: number,
    id: string,
  ): SendTrace | undefined => {
    const context = parent === undefined ? tracer.root() : tracer.child(parent);
    if (context === undefined) return undefined;
    return {
      headers: headersOf(context),
      now: tracer.now,
      end: (start, result) =>
        tracer.report({
          ...{ name: `send ${topic}`, kind: 'producer', context, start, end: tracer.now() },
          ...(parent === undefined ? {} : { parent }),
          ...(link === undefined ? {} : { links: [link] }),
          attributes: {
            ...sendAttributes(topic, partition, id),
            ...(result.ok ? { [A.offset]: result.offset } : { [A.errorType]: result.code }),
          },
          ...(result.ok ? {} : { error: result.code }),
        }),
    };
  };

  return {
    request: (caller) => {
      const above = caller === undefined ? undefined : contextOf(caller);
      const sampled = above === undefined || (above.flags & SAMPLED) === SAMPLED;
      const own = !sampled ? undefined : above === undefined ? tracer.root() : tracer.child(above);
      const start = own === undefined ? 0 : tracer.now();
      let open = own !== undefined;
      const known = own ?? above;
      return {
        ids: known === undefined ? undefined : traceIds(known),
        send: (partition, id, alone) => {
          if (!sampled) return undefined;
          if (alone || above !== undefined)
            return own === undefined ? undefined : sendTrace(own, undefined, partition, id);
          return sendTrace(undefined, own, partition, id);
        },
        end: (route, status) => {
          if (!open || own === undefined) return;
          open = false;
          const path = PATHS[route] ?? route;
          tracer.report({
            ...{ name: `POST ${path}`, kind: 'server', context: own, start, end: tracer.now() },
            ...(above === undefined ? {} : { parent: above }),
            attributes: {
              [A.method]: 'POST',
              [A.route]: path,
              [A.path]: path,
              [A.scheme]: 'http',
              [A.status]: status,
              ...(status >= 500 ? { [A.errorType]: String(status) } : {}),
            },
            ...(status >= 500 ? { error: String(status) } : {}),
          });
        },
      };
    },
  };
};

/** The same sink, which ends the spans of its submissions. Those that did not fit are tried again or refused: they have none. */
export const tracedSink = (sink: RecordSink): RecordSink => ({
  append: (submissions) => {
    const traced = submissions.flatMap((s: Submission, i) =>
      s.trace === undefined ? [] : [{ trace: s.trace, i }],
    );
    const results = sink.append(submissions);
    const start = traced[0]?.trace.now();
    if (results === undefined || start === undefined) return results;
    return results.then((all) => {
      for (const { trace, i } of traced) trace.end(start, at(all, i));
      return all;
    });
  },
  pending: () => sink.pending(),
  partitions: sink.partitions,
  topicId: () => sink.topicId(),
  healthy: () => sink.healthy(),
  stop: () => sink.stop(),
});
