import Type from 'typebox';

/** Fields for tracing. */
export const tracingFields = {
  tracingEndpoint: Type.Optional(
    Type.String({
      pattern: '^https?://',
      maxLength: 2048,
      alias: 'OTEL_EXPORTER_OTLP_ENDPOINT',
      description:
        'OTLP/HTTP endpoint for spans, for example `http://localhost:4318`. `/v1/traces` is added. Without it, tracing is off.',
    }),
  ),
  tracingHeaders: Type.Optional(
    Type.String({
      minLength: 1,
      secret: true,
      alias: 'OTEL_EXPORTER_OTLP_HEADERS',
      description: 'Headers for this endpoint, as `name=value,name=value` with percent-encoded values.',
    }),
  ),
  tracingSampleRatio: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description:
      'Ratio of submissions without `traceparent` that are traced. For the others, the sampled flag of the caller decides.',
    reason: 'Shows traces within moments at a tenth of the cost.',
  }),
  tracingServiceName: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 100,
      alias: 'OTEL_SERVICE_NAME',
      description:
        '`service.name` of spans and of metrics that are pushed. Default: `verdikt-edge` or `verdikt-processor`.',
    }),
  ),
  tracingSemconv: Type.Optional(
    Type.String({
      maxLength: 1000,
      alias: 'OTEL_SEMCONV_STABILITY_OPT_IN',
      description:
        'Names of attributes as the specification lists them: with `http/dup` or `messaging/dup`, old names stand beside those of today. Default: those of today alone.',
    }),
  ),
} as const;

/** What these fields hold. */
export interface TracingSettings {
  readonly tracingEndpoint?: string;
  readonly tracingHeaders?: string;
  readonly tracingSampleRatio: number;
  readonly tracingServiceName?: string;
  readonly tracingSemconv?: string;
}
