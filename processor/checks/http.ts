import { at } from '@verdikt/core/at.ts';
import type { Check, CheckInput, CheckOutcome } from '@verdikt/core/ports/chain.ts';
import { A } from '@verdikt/core/tracing/tracing.ts';
import { retryAfterMs } from '@verdikt/core/retry-after.ts';
import { createGuard, type GuardDeps, type Outcomes } from './guard.ts';
import { outcomeOf, readBody, type HttpAnswer } from './http-answer.ts';
import { causeOf } from '@verdikt/core/http-cause.ts';
import { forecastHeader, idempotencyKey, traceHeaders } from './http-headers.ts';
import { manyBody, outcomesOf } from './http-many.ts';
import type { HttpTransport } from './http-transport.ts';
import type { HttpOptions } from './schema.ts';

interface HttpDeps extends GuardDeps {
  readonly transport: HttpTransport;
}

const FIXED = {
  'content-type': 'application/json',
  accept: 'application/json',
  // The bound on the answer is one on its bytes.
  'accept-encoding': 'identity',
};

const refusesAll = (o: Outcomes): boolean => 'kind' in o && o.kind === 'reject';

/**
 * Asks a service: POST {word, id, attempt} as JSON with `Idempotency-Key` (see `idempotencyKey`), over connections that are
 * kept. See `outcomeOf` for what the answers mean; no answer in time is `http-timeout`, a broken connection `http-connection`.
 * With `batchMax` above 1 several words go into one request, see `manyBody` and `outcomesOf`; a request that is refused as a whole is
 * sent again in halves, so that a word is refused for what it is.
 * A service may be asked the same twice. Too many failures open the circuit: then it is not called, and the outcome is wait with
 * `circuit-open`, but for calls that try it. Redirects are not followed. `close` ends calls that run.
 */
export const createHttpCheck = (o: HttpOptions, { transport, ...deps }: HttpDeps): Check => {
  const { host, hostname, port, origin, pathname, protocol } = new URL(o.url);
  const many = o.batchMax > 1;

  const post = async (headers: Record<string, string>, body: string, signal: AbortSignal) => {
    const {
      status,
      retryAfter,
      body: bytes,
    } = await transport.ask({
      headers: { ...FIXED, ...headers },
      ...{ body, signal },
    });
    return {
      status,
      body: await readBody(bytes, o.maxResponseBytes),
      afterMs: retryAfterMs(retryAfter, deps.clock.now()),
    } satisfies HttpAnswer;
  };

  const askOne = async (input: CheckInput, signal: AbortSignal): Promise<CheckOutcome> => {
    const { word, id, attempt } = input;
    const headers = {
      'idempotency-key': idempotencyKey(input),
      ...traceHeaders(input),
      ...forecastHeader(input),
    };
    return outcomeOf(await post(headers, JSON.stringify({ word, id, attempt }), signal));
  };

  const askMany = async (inputs: readonly CheckInput[], signal: AbortSignal): Promise<Outcomes> => {
    const outcomes = outcomesOf(
      await post(forecastHeader(at(inputs, 0)), manyBody(inputs), signal),
      inputs,
      deps.clock.now(),
    );
    if (inputs.length === 1 || !refusesAll(outcomes)) return outcomes;
    const half = Math.ceil(inputs.length / 2);
    const halves: CheckOutcome[] = [];
    for (const part of [inputs.slice(0, half), inputs.slice(half)]) {
      const some = await askMany(part, signal);
      halves.push(...('kind' in some ? part.map(() => some) : some));
    }
    return halves;
  };

  const guard = createGuard<CheckInput>(
    'http',
    o,
    async (inputs, signal) => {
      try {
        return await (many ? askMany(inputs, signal) : askOne(at(inputs, 0), signal));
      } catch (error) {
        return { kind: 'retry', reason: 'http-connection', detail: causeOf(error, host) };
      }
    },
    deps,
  );

  return {
    name: o.name,
    asks: true,
    attributes: {
      ...{ [A.method]: 'POST', [A.address]: hostname },
      [A.port]: Number(port) || (protocol === 'https:' ? 443 : 80),
      // What follows a question mark may be a secret.
      [A.full]: `${origin}${pathname}`,
    },
    circuit: guard.circuit,
    // The record is a view on a response of the broker: it must not be kept.
    run: ({ record: _, ...input }) => guard.run(input, input.key),
    close: async () => {
      guard.close();
      await transport.close();
    },
  };
};
