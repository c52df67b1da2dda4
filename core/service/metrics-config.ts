import Type from 'typebox';
import type { Rule } from '../config/config.ts';

/** Fields for metrics that are pushed. */
export const metricsFields = {
  metricsEndpoint: Type.Optional(
    Type.String({
      pattern: '^https?://',
      maxLength: 2048,
      alias: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
      description:
        'OTLP/HTTP endpoint to which metrics are pushed as JSON, for example `http://localhost:4318`. `/v1/metrics` is added where it has no path. Without it, nothing is pushed. Metrics can be scraped in any case.',
    }),
  ),
  metricsHeaders: Type.Optional(
    Type.String({
      minLength: 1,
      secret: true,
      alias: ['OTEL_EXPORTER_OTLP_METRICS_HEADERS', 'OTEL_EXPORTER_OTLP_HEADERS'],
      description: 'Headers for this endpoint, as `name=value,name=value` with percent-encoded values.',
    }),
  ),
  metricsIntervalMs: Type.Integer({
    default: 60_000,
    minimum: 1_000,
    maximum: 3_600_000,
    alias: 'OTEL_METRIC_EXPORT_INTERVAL',
    description: 'Time from one push of metrics to the next.',
    reason: 'The default of OpenTelemetry.',
  }),
} as const;

/** What these fields hold. */
export interface MetricsSettings {
  readonly metricsEndpoint?: string;
  readonly metricsHeaders?: string;
  readonly metricsIntervalMs: number;
  readonly tracingServiceName?: string;
}

/** Of metrics and spans. */
interface OtlpEndpoints {
  readonly metricsEndpoint?: string;
  readonly tracingEndpoint?: string;
}
export const otlpRules: readonly Rule<OtlpEndpoints>[] = [
  {
    fields: ['tracingEndpoint', 'metricsEndpoint'],
    says: 'tracingEndpoint and metricsEndpoint must be URLs',
    remedy: 'write for example http://localhost:4318',
    holds: (c) => [c.tracingEndpoint, c.metricsEndpoint].every((u) => u === undefined || URL.canParse(u)),
  },
];
