import type { CheckInput } from '@verdikt/core/ports/chain.ts';

const MAX_KEY = 300;

/**
 * `<id>.<attempt>`, of a redriven record `<id>.<redrive>.<attempt>`, of a forecast with `.forecast` behind it; an id that no header can hold is percent-encoded.
 */
export const idempotencyKey = ({ id, attempt, redrive = 0, forecast = false }: CheckInput): string => {
  const safe = /^[\x21-\x7e]*$/.test(id) ? id : encodeURIComponent(id.toWellFormed());
  return `${safe.slice(0, MAX_KEY)}.${redrive > 0 ? `${redrive}.` : ''}${attempt}${forecast ? '.forecast' : ''}`;
};

/** So that a service can tell a forecast from an attempt. Forecasts are asked for among themselves. */
export const forecastHeader = ({ forecast }: CheckInput): Record<string, string> =>
  forecast === true ? { 'verdikt-forecast': '1' } : {};

/** The names of W3C are those of our own headers. */
export const traceHeaders = ({ context }: CheckInput): Record<string, string> =>
  context === undefined
    ? {}
    : {
        traceparent: context.traceparent,
        ...(context.tracestate === '' ? {} : { tracestate: context.tracestate }),
      };
