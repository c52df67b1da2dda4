import type { Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { createGuard, type GuardDeps } from './guard.ts';
import { outcomeOf, readBody } from './http-answer.ts';
import type { HttpOptions } from './schema.ts';

interface HttpDeps extends GuardDeps {
  readonly fetch: typeof globalThis.fetch;
}

const MAX_KEY = 300;

/** `<id>.<attempt>`, of a redriven record `<id>.<redrive>.<attempt>`; an id that no header can hold is percent-encoded. */
export const idempotencyKey = ({ id, attempt, redrive = 0 }: CheckInput): string => {
  const safe = /^[\x21-\x7e]*$/.test(id) ? id : encodeURIComponent(id.toWellFormed());
  return `${safe.slice(0, MAX_KEY)}.${redrive > 0 ? `${redrive}.` : ''}${attempt}`;
};

/** The names of W3C are those of our own headers. */
const traceHeaders = ({ context }: CheckInput): Record<string, string> =>
  context === undefined
    ? {}
    : {
        traceparent: context.traceparent,
        ...(context.tracestate === '' ? {} : { tracestate: context.tracestate }),
      };

/** Why a call failed: the code of the socket error, where there is one, else what lies below `fetch failed`. */
const causeOf = (error: unknown): string => {
  const { cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    cause?: { code?: unknown; message?: unknown };
  };
  if (typeof cause?.code === 'string') return cause.code;
  return typeof cause?.message === 'string' && cause.message !== '' ? cause.message : String(error);
};

/**
 * Asks a service: POST {word, id, attempt} as JSON with `Idempotency-Key` (see `idempotencyKey`), over connections that are
 * kept. See `outcomeOf` for what the answers mean; no answer in time is `http-timeout`, a broken connection `http-connection`.
 * A service may be asked the same twice. Too many failures open the circuit: then it is not called, and the outcome is wait with
 * `circuit-open`, but for calls that try it. Redirects are not followed. `close` ends calls that run.
 */
export const createHttpCheck = (o: HttpOptions, { fetch, ...deps }: HttpDeps): Check => {
  const guard = createGuard('http', o, deps);

  const call = async (input: CheckInput, signal: AbortSignal): Promise<CheckOutcome> => {
    try {
      const response = await fetch(o.url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          // The bound on the answer is one on its bytes.
          'accept-encoding': 'identity',
          'idempotency-key': idempotencyKey(input),
          ...traceHeaders(input),
        },
        body: JSON.stringify({ word: input.word, id: input.id, attempt: input.attempt }),
        signal,
      });
      return outcomeOf(response.status, await readBody(response.body, o.maxResponseBytes));
    } catch (error) {
      return { kind: 'retry', reason: 'http-connection', detail: causeOf(error) };
    }
  };

  return {
    name: o.name,
    asks: true,
    circuit: guard.circuit,
    run: (input) => guard.run((signal) => call(input, signal), input.key),
    close: () => Promise.resolve(guard.close()),
  };
};
