import type { Clock } from '@verdikt/core/clock.ts';
import {
  bulkhead,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhenResult,
  isBrokenCircuitError,
  isBulkheadRejectedError,
} from 'cockatiel';
import type { Check, CheckInput, CheckOutcome } from './check.ts';
import { outcomeOf, readBody } from './http-answer.ts';
import type { HttpOptions } from './schema.ts';

export interface HttpDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly observer?: CheckObserver | undefined;
}

export type CircuitName = 'closed' | 'half-open' | 'open';

/** Told after the fact, for metrics. Must not throw. */
export interface CheckObserver {
  /** How long one call took, whatever came of it. */
  called(check: string, seconds: number): void;
  /** At first, and at each change. */
  circuit(check: string, state: CircuitName): void;
}

/** Calls that wait for their turn; the engine runs fewer attempts than this at once. */
const MAX_WAITING = 10_000;
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

/** Why a call failed: the code of the socket error, where there is one. */
const causeOf = (error: unknown): string => {
  const { cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    cause?: { code?: unknown };
  };
  return typeof cause?.code === 'string' ? cause.code : String(error);
};

/**
 * Asks a service: POST {word, id, attempt} as JSON with `Idempotency-Key` (see `idempotencyKey`), over connections that are
 * kept. See `outcomeOf` for what the answers mean; no answer in time is `http-timeout`, a broken connection `http-connection`.
 * A service may be asked the same twice. So many retries in a row open the circuit: then it is not called, and the outcome is retry with
 * `circuit-open`, until one call that tries it succeeds. Redirects are not followed. `close` ends calls that run.
 */
export const createHttpCheck = (o: HttpOptions, { fetch, clock, observer }: HttpDeps): Check => {
  const running = new Set<AbortController>();
  let closed = false;
  const turns = bulkhead(o.concurrency, MAX_WAITING);
  const circuit = circuitBreaker(
    handleWhenResult((r) => (r as CheckOutcome).kind === 'retry'),
    { halfOpenAfter: o.breakerHalfOpenMs, breaker: new ConsecutiveBreaker(o.breakerFailures) },
  );

  if (observer !== undefined) {
    observer.circuit(o.name, 'closed');
    circuit.onBreak(() => observer.circuit(o.name, 'open'));
    circuit.onHalfOpen(() => observer.circuit(o.name, 'half-open'));
    circuit.onReset(() => observer.circuit(o.name, 'closed'));
  }

  const call = async (input: CheckInput): Promise<CheckOutcome> => {
    if (closed) return { kind: 'retry', reason: 'http-connection', detail: 'the check is closed' };
    const abort = new AbortController();
    let late = false;
    const cancel = clock.after(o.timeoutMs, () => {
      late = true;
      abort.abort();
    });
    running.add(abort);
    const since = clock.now();
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
        signal: abort.signal,
      });
      return outcomeOf(response.status, await readBody(response.body, o.maxResponseBytes));
    } catch (error) {
      if (late)
        return { kind: 'retry', reason: 'http-timeout', detail: `no answer within ${o.timeoutMs} ms` };
      return { kind: 'retry', reason: 'http-connection', detail: causeOf(error) };
    } finally {
      cancel();
      running.delete(abort);
      observer?.called(o.name, (clock.now() - since) / 1000);
    }
  };

  return {
    name: o.name,
    asks: true,
    run: async (input) => {
      try {
        return await turns.execute(() => circuit.execute(() => call(input)));
      } catch (error) {
        if (isBrokenCircuitError(error))
          return { kind: 'wait', reason: 'circuit-open', detail: 'the service failed too often in a row' };
        if (isBulkheadRejectedError(error))
          return { kind: 'wait', reason: 'http-busy', detail: 'too many calls wait' };
        throw error;
      }
    },
    close: () => {
      closed = true;
      for (const abort of running) abort.abort();
      return Promise.resolve();
    },
  };
};
