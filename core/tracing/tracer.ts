import { randomFillSync } from 'node:crypto';
import type { SpanKind as OtelKind, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../ports/log.ts';
import type { TraceContext } from '../record/trace-context.ts';
import { parseHeaderList } from '../config/header-list.ts';
import type { TracingSettings } from './config.ts';
import { oldNamesOf, withOldNames } from './semconv.ts';
import { createTracer, type SpanFacts, type SpanKind, type Tracer } from './tracing.ts';

interface TracerOptions {
  readonly config: TracingSettings;
  /** Used where the configuration names none. */
  readonly serviceName: string;
  readonly version: string;
  readonly log: Log;
  /** Where spans go in place of the endpoint; for tests. */
  readonly exporter?: SpanExporter;
}

/** Spans that wait to be sent; more are dropped. */
const MAX_QUEUE = 4096;
const BATCH = 512;
const DELAY_MS = 1_000;
const EXPORT_TIMEOUT_MS = 10_000;
/** For the last spans at the end. */
const CLOSE_MS = 2_000;
/** How far the fine clock may be from the clock of the machine, milliseconds. */
const MAX_DRIFT_MS = 20;

/** Milliseconds since 1970 with fractions, following a clock that is set. */
const fineClock = (): (() => number) => {
  let offset = Date.now() - performance.now();
  return () => {
    const fine = performance.now() + offset;
    const coarse = Date.now();
    if (Math.abs(fine - coarse) <= MAX_DRIFT_MS) return fine;
    offset += coarse - fine;
    return coarse;
  };
};

const KINDS: Readonly<Record<SpanKind, OtelKind>> = {
  internal: 0,
  server: 1,
  client: 2,
  producer: 3,
  consumer: 4,
};

const hrTime = (ms: number): [number, number] => {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
};

/** The endpoint as OTLP/HTTP wants it: the path of the signal is added, unless it is there. */
export const tracesUrl = (endpoint: string): string => {
  const url = endpoint.replace(/\/+$/, '');
  return url.endsWith('/v1/traces') ? url : `${url}/v1/traces`;
};

/** Says once that the endpoint is away, and once that it is back; the spans of the meantime are lost. */
const patient = (exporter: SpanExporter, log: Log, endpoint: string): SpanExporter => {
  let lost = 0;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code === 0) {
          if (lost > 0) log.info({ lost }, 'spans are taken again');
          lost = 0;
        } else {
          if (lost === 0) log.warn({ endpoint, err: result.error }, 'spans cannot be sent and are dropped');
          lost += spans.length;
        }
        // Said already.
        done({ code: 0 });
      }),
    shutdown: () => exporter.shutdown(),
  };
};

/**
 * The tracer that the configuration asks for, undefined where it asks for none: then nothing of OpenTelemetry is loaded.
 * Spans are sent in the background from a bounded queue; an endpoint that is away costs spans, and nothing else.
 */
export const openTracer = async (o: TracerOptions): Promise<Tracer | undefined> => {
  const { tracingEndpoint: endpoint, tracingHeaders, tracingSampleRatio, tracingServiceName } = o.config;
  if (endpoint === undefined && o.exporter === undefined) return undefined;
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-proto'),
  ]);
  const url = tracesUrl(endpoint ?? '');
  const headers = tracingHeaders === undefined ? {} : parseHeaderList(tracingHeaders);
  const exporter =
    o.exporter ??
    new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS, concurrencyLimit: 4 });
  const queue = new sdk.BatchSpanProcessor({
    exporter: patient(exporter, o.log, URL.parse(url)?.host ?? ''),
    maxQueueSize: MAX_QUEUE,
    maxExportBatchSize: BATCH,
    scheduledDelayMillis: DELAY_MS,
    exportTimeoutMillis: 3 * EXPORT_TIMEOUT_MS,
  });
  const resource = resourceFromAttributes({
    'service.name': tracingServiceName ?? o.serviceName,
    'service.version': o.version,
    'process.pid': process.pid,
  });
  const scope = { name: 'verdikt', version: o.version };
  const old = oldNamesOf(o.config.tracingSemconv);

  const contextFor = (c: TraceContext, isRemote = false): SpanContext => ({
    traceId: c.traceId,
    spanId: c.spanId,
    traceFlags: c.flags,
    isRemote,
    ...(c.state === '' ? {} : { traceState: api.createTraceState(c.state) }),
  });
  const readable = (s: SpanFacts): ReadableSpan => {
    const context = contextFor(s.context);
    return {
      name: s.name,
      kind: KINDS[s.kind],
      spanContext: () => context,
      ...(s.parent === undefined
        ? {}
        : { parentSpanContext: contextFor(s.parent, s.kind === 'server' || s.kind === 'consumer') }),
      startTime: hrTime(s.start),
      endTime: hrTime(s.end),
      duration: hrTime(Math.max(0, s.end - s.start)),
      ended: true,
      status: s.error === undefined ? { code: 0 } : { code: 2, message: s.error },
      attributes: withOldNames(s.attributes, old),
      links: (s.links ?? []).map((l) => ({ context: contextFor(l) })),
      events: [],
      resource,
      instrumentationScope: scope,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
  };

  return createTracer({
    ratio: tracingSampleRatio,
    random: Math.random,
    fill: (into) => void randomFillSync(into),
    now: fineClock(),
    report: (span) => queue.onEnd(readable(span)),
    close: () => {
      let cancel: (() => void) | undefined;
      const late = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_MS);
        cancel = () => clearTimeout(timer);
      });
      return Promise.race([queue.shutdown().catch(() => undefined), late]).finally(() => cancel?.());
    },
  });
};
