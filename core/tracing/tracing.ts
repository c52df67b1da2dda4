import { SAMPLED, type TraceContext } from '../record/trace-context.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A span that has ended. Times in milliseconds since 1970, with fractions. */
export interface SpanFacts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: TraceContext;
  readonly parent?: TraceContext;
  readonly links?: readonly TraceContext[];
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  /** Why it failed: a code. Missing: it did not. */
  readonly error?: string;
}

/**
 * Makes contexts, and takes spans once they have ended. There is none where tracing is off: code that asks `tracer?.` then pays
 * one comparison.
 */
export interface Tracer {
  /** A new trace, or undefined when this one is not sampled. */
  root(): TraceContext | undefined;
  /** A new span of the same trace. */
  child(parent: TraceContext): TraceContext;
  /** Milliseconds since 1970, with fractions. */
  now(): number;
  /** Never throws, never waits: what does not fit the bounded queue is dropped. */
  report(span: SpanFacts): void;
  /** Sends what it has, for a moment at most. Never rejects. */
  close(): Promise<void>;
}

interface TracerDeps {
  /** Part of new traces that is sampled; 0 .. 1. */
  readonly ratio: number;
  /** In [0, 1). */
  readonly random: () => number;
  /** Fills all of the array. */
  readonly fill: (into: Uint8Array) => void;
  readonly now: () => number;
  readonly report: (span: SpanFacts) => void;
  readonly close: () => Promise<void>;
}

const HEX = Array.from({ length: 256 }, (_, i) => (i + 256).toString(16).slice(1));
const POOL_BYTES = 4096;

/** Decides about contexts; where spans go is told by `deps`. */
export const createTracer = (d: TracerDeps): Tracer => {
  const pool = new Uint8Array(POOL_BYTES);
  let at = POOL_BYTES;
  const id = (bytes: number): string => {
    for (;;) {
      if (at + bytes > POOL_BYTES) {
        d.fill(pool);
        at = 0;
      }
      let hex = '';
      let any = 0;
      for (const end = at + bytes; at < end; at++) {
        const byte = pool[at] ?? 0;
        hex += HEX[byte];
        any |= byte;
      }
      // All 0 is no id.
      if (any !== 0) return hex;
    }
  };
  return {
    root: () =>
      d.random() < d.ratio ? { traceId: id(16), spanId: id(8), flags: SAMPLED, state: '' } : undefined,
    child: ({ traceId, flags, state }) => ({ traceId, spanId: id(8), flags, state }),
    now: d.now,
    report: d.report,
    close: d.close,
  };
};

/** Names of the semantic conventions 1.45; those of messaging are still in development there. Older ones: see semconv.ts. */
export const A = {
  system: 'messaging.system',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  partition: 'messaging.destination.partition.id',
  group: 'messaging.consumer.group.name',
  offset: 'messaging.kafka.offset',
  messageId: 'messaging.message.id',
  errorType: 'error.type',
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  path: 'url.path',
  scheme: 'url.scheme',
  full: 'url.full',
  address: 'server.address',
  port: 'server.port',
  attempt: 'verdikt.attempt',
  redrive: 'verdikt.redrive',
  outcome: 'verdikt.outcome',
  reason: 'verdikt.reason',
  stage: 'verdikt.stage',
  check: 'verdikt.check',
} as const;

/** Of a span that sends one record to `topic`. */
export const sendAttributes = (topic: string, partition: number, id: string): SpanAttributes => ({
  [A.system]: 'kafka',
  [A.operationName]: 'send',
  [A.operationType]: 'send',
  [A.destination]: topic,
  [A.partition]: String(partition),
  [A.messageId]: id,
});
