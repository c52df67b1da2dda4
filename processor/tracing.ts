import {
  contextOf,
  headersOf,
  looksSampled,
  traceHeadersOf,
  type TraceContext,
} from '@verdikt/core/record/trace-context.ts';
import {
  A,
  sendAttributes,
  type SpanAttributes,
  type SpanFacts,
  type Tracer,
} from '@verdikt/core/tracing/tracing.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { AttemptTrace } from '@verdikt/core/ports/chain.ts';
import type { TaskTrace, TracedAttempt } from '@verdikt/engine/task/attempt-trace.ts';
import type { Attempt, Judged } from '@verdikt/engine/policy/attempt.ts';
import { ContextRecord } from '@verdikt/core/record/context-record.ts';

interface TracingDeps {
  readonly tracer: Tracer;
  readonly topics: TopicNames;
  /** Kafka's group id. */
  readonly group: string;
}

/** More attempts of one task are not traced until some have been committed. */
const MAX_PENDING = 10_000;

/** What one attempt collects until its slice is committed. */
interface Pending extends AttemptTrace {
  readonly attempt: Attempt;
  readonly parent: TraceContext;
  readonly context: TraceContext;
  readonly start: number;
  end: number;
  readonly checks: SpanFacts[];
  judged: Judged | undefined;
  /** The record that it led to, and how it was sent. */
  sent: { readonly topic: string; readonly context: TraceContext; readonly exhausted: boolean } | undefined;
}

/** Makes the observer of one task; see TaskTrace. */
export const createTaskTracing = (d: TracingDeps): ((task: number) => TaskTrace) => {
  const { tracer, topics, group } = d;

  const begin = (attempt: Attempt): Pending | undefined => {
    const headers = traceHeadersOf(attempt.record);
    if (headers === undefined) return undefined;
    const parent = contextOf(headers);
    const context = tracer.child(parent);
    const checks: SpanFacts[] = [];
    const start = tracer.now();
    const pending: Pending = {
      ...{ attempt, parent, context, start, end: start, checks, judged: undefined, sent: undefined },
      answered: () => {
        pending.end = tracer.now();
      },
      check: ({ name, asks = false, attributes }) => {
        const own = tracer.child(context);
        const since = tracer.now();
        return {
          headers: headersOf(own),
          end: (outcome) => {
            const failed =
              outcome?.kind === 'pass' ? undefined : String((outcome as { reason?: unknown })?.reason);
            checks.push({
              ...{ name: `check ${name}`, context: own, parent: context, start: since, end: tracer.now() },
              kind: asks ? 'client' : 'internal',
              attributes: {
                ...attributes,
                [A.check]: name,
                [A.outcome]: String(outcome?.kind),
                ...(failed === undefined ? {} : { [A.errorType]: failed }),
              },
              ...(failed === undefined ? {} : { error: failed }),
            });
          },
        };
      },
    };
    return pending;
  };

  const outcomeOf = (p: Pending): SpanAttributes => {
    const { judged, sent } = p;
    if (judged === undefined) return { [A.outcome]: 'aborted' };
    if (judged.kind === 'done') return { [A.outcome]: 'done' };
    const outcome = sent?.exhausted === true ? 'exhausted' : judged.kind;
    const { reason, stage } = judged;
    return { [A.outcome]: outcome, [A.reason]: reason, [A.stage]: stage, [A.errorType]: reason };
  };

  /** Its span, those of its checks, and the one that sent what it led to. `times` undefined: it came to nothing. */
  const report = (task: number, p: Pending, times: { sent: number; committed: number } | undefined): void => {
    const { attempt, context, parent, start, judged, sent } = p;
    const aborted = times === undefined;
    const failed = judged === undefined || judged.kind === 'done' ? undefined : judged.reason;
    const error = aborted ? 'aborted' : failed;
    tracer.report({
      ...{ name: `process ${topics.words}`, kind: 'consumer', context, parent, start },
      end: judged === undefined ? tracer.now() : p.end,
      attributes: {
        [A.system]: 'kafka',
        [A.operationName]: 'process',
        [A.operationType]: 'process',
        [A.destination]: topics.words,
        [A.partition]: String(task),
        [A.group]: group,
        [A.offset]: attempt.origin,
        [A.messageId]: attempt.id,
        [A.attempt]: attempt.attempt,
        ...(attempt.redrive > 0 ? { [A.redrive]: attempt.redrive } : {}),
        ...(aborted ? { [A.outcome]: 'aborted', [A.errorType]: 'aborted' } : outcomeOf(p)),
      },
      ...(error === undefined ? {} : { error }),
    });
    for (const check of p.checks) tracer.report(check);
    if (sent === undefined || aborted) return;
    tracer.report({
      ...{ name: `send ${sent.topic}`, kind: 'producer', context: sent.context, parent: context },
      ...{ start: times.sent, end: times.committed },
      attributes: sendAttributes(sent.topic, task, attempt.id),
    });
  };

  return (task) => {
    const live = new Set<Pending>();
    let open: Pending[] = [];
    let sealed: Pending[] = [];

    const finish = (all: readonly Pending[], times?: { sent: number; committed: number }): void => {
      for (const p of all) {
        live.delete(p);
        report(task, p, times);
      }
    };
    const send = (a: TracedAttempt, topic: string, exhausted: boolean): TraceContext | undefined => {
      const p = a.trace as Pending | undefined;
      if (p === undefined) return undefined;
      p.sent = { topic, exhausted, context: tracer.child(p.context) };
      return p.sent.context;
    };

    return {
      begin: (a) => {
        if (!looksSampled(a.record) || live.size >= MAX_PENDING) return;
        const p = begin(a);
        if (p === undefined) return;
        live.add(p);
        a.trace = p;
      },
      resolved: (a, judged) => {
        const p = a.trace as Pending | undefined;
        if (p === undefined) return;
        p.judged = judged;
        p.end = Math.max(p.end, p.checks.at(-1)?.end ?? p.start);
        open.push(p);
      },
      context: (plain) => ({
        ...plain,
        verdict: (a, judged, accepted, now) => {
          const record = plain.verdict(a, judged, accepted, now);
          const context = send(a, topics.results, false);
          return context === undefined ? record : new ContextRecord(record, headersOf(context));
        },
        deadLetter: (a, kind, ...rest) => {
          const record = plain.deadLetter(a, kind, ...rest);
          const context = send(a, topics.deadLetters, kind === 'retry-exhausted');
          return context === undefined ? record : new ContextRecord(record, headersOf(context));
        },
      }),
      planned: () => {
        sealed = open;
        open = [];
      },
      committed: (times) => {
        finish(sealed, times);
        sealed = [];
      },
      close: () => finish([...live]),
    };
  };
};
