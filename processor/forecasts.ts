import { hash, timingSafeEqual } from 'node:crypto';
import {
  FORECAST_MAX_BYTES,
  readQuestion,
  type ForecastAnswer,
  type ForecastQuestion,
} from '@verdikt/core/service/forecast.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { problem, type PostAnswer, type PostRoute } from '@verdikt/core/service/management-post.ts';
import type { Forecaster } from './checks/forecast.ts';

interface ForecastsDeps {
  /** Of this system, in Kafka. */
  readonly system: string;
  /** Undefined: everybody may ask, and no check that asks a service runs, and no module. */
  readonly token: string | undefined;
  /** `all`: with checks that ask services, and modules. */
  readonly open: (all: boolean) => Promise<Forecaster>;
}

interface Forecasts extends PostRoute {
  /** Ends the chains that were begun. */
  close(): Promise<void>;
}

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** Forecasts for those who ask at the management port. A chain is begun with the first question that needs it. Writes nothing. */
export const createForecasts = ({ system, token, open }: ForecastsDeps): Forecasts => {
  const forecasters = new Map<boolean, Promise<Forecaster>>();
  const expected = token === undefined ? undefined : digest(token);
  let closed = false;

  const forecasterOf = (all: boolean): Promise<Forecaster> => {
    let begun = forecasters.get(all);
    if (begun === undefined) {
      forecasters.set(all, (begun = open(all)));
      // What it needs may come back.
      begun.catch(() => forecasters.delete(all));
    }
    return begun;
  };

  const forecast = async ({ allChecks, letters }: ForecastQuestion): Promise<ForecastAnswer> => {
    const { ask, checks, notRun = null } = await forecasterOf(allChecks);
    return { system, checks: [...checks], notRun, forecasts: [...(await ask(letters))] };
  };

  return {
    maxBytes: FORECAST_MAX_BYTES,
    refuse: (given) =>
      expected === undefined || (given !== undefined && timingSafeEqual(digest(given), expected))
        ? undefined
        : problem(401, 'the forecastToken is not that of this processor'),
    answer: async (body) => {
      const question = readQuestion(body);
      if (typeof question === 'string') return problem(400, question);
      if (question.allChecks && token === undefined)
        return problem(403, 'checks that ask services need a forecastToken here and where it is asked');
      if (closed) return problem(503, 'it is stopping');
      return forecast(question).then(
        (answer): PostAnswer => [200, answer],
        (e: unknown) => {
          if (isServiceError(e)) return problem(500, `the chain cannot be begun: ${e.message}`);
          throw e;
        },
      );
    },
    close: async () => {
      closed = true;
      await Promise.all(
        [...forecasters.values()].map((f) => f.then((begun) => begun.close()).catch(() => undefined)),
      );
    },
  };
};
