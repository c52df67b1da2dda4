// Spans in memory, and questions about them.
import { parseTraceparent } from '@verdikt/core/record/trace-context.ts';
import { createTracer, type SpanFacts, type Tracer } from '@verdikt/core/tracing/tracing.ts';

interface TraceLog {
  readonly tracer: Tracer;
  readonly spans: readonly SpanFacts[];
}

/** A tracer whose spans stay here. `ratio`: default 1. */
export const createTraceLog = (ratio = 1): TraceLog => {
  const spans: SpanFacts[] = [];
  const tracer = createTracer({
    ratio,
    random: Math.random,
    fill: (into) => void crypto.getRandomValues(into),
    now: Date.now,
    report: (span) => void spans.push(span),
    close: () => Promise.resolve(),
  });
  return { tracer, spans };
};

/** A span with its children as nested names, in the order in which they were reported: `['POST', ['send words']]`. */
type Tree = [name: string, ...children: Tree[]];

/** The tree below the span of that id. `label`: what a span is called. */
export const treeBelow = (
  spans: readonly SpanFacts[],
  spanId: string | undefined,
  label: (s: SpanFacts) => string = (s) => s.name,
): Tree[] =>
  spans
    .filter((s) => s.parent?.spanId === spanId)
    .sort((a, b) => a.start - b.start)
    .map((s) => [label(s), ...treeBelow(spans, s.context.spanId, label)]);

export const spanIdOf = (traceparent: string | undefined): string | undefined =>
  parseTraceparent(traceparent ?? '')?.spanId;
