import { ServiceError } from '@verdikt/core/errors.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Letters } from '@verdikt/operate/dlq/letters.ts';
import type { Pace } from '@verdikt/operate/dlq/ports.ts';
import { createProcessorAsk, type Post } from '@verdikt/operate/forecast/ask.ts';
import { MOST_LETTERS, summaryOf, whatIf, whatIfJson } from '@verdikt/operate/forecast/what-if.ts';
import type { StatusCluster } from '@verdikt/operate/status/look.ts';
import { askAll, placesOf, type Ask } from '@verdikt/operate/status/processors.ts';
import { cliLine } from './cli-line.ts';
import { FORECAST_END_MS, FORECAST_MS, type Asking, type ForecastWanted, type Wanted } from './question.ts';

export interface ForecastsDeps {
  readonly letters: Letters;
  readonly cluster: Pick<StatusCluster, 'group'>;
  readonly names: TopicNames;
  /** As configured. */
  readonly group: string;
  readonly ask: Ask;
  readonly post: Post;
  readonly forecastToken: string | undefined;
  /** Management ports that were given; empty: members say where theirs are. */
  readonly processors: readonly string[];
  readonly pace: Pace;
}

type Question = Pick<Asking, 'text'> & { readonly wanted: ForecastWanted };

/** In place of what the caller may not read. */
export const HIDDEN = '***';

/** What would come of this redrive; there are forecasts for so many letters only. */
export const forecastAt = ({ filter, max = MOST_LETTERS }: Wanted): ForecastWanted => ({
  ...{ filter, max: Math.min(max, MOST_LETTERS), allChecks: false },
});

/** Makes forecasts by the chain of a processor, one at a time. Rejects PROCESSORS_AWAY when none makes one. */
export const createForecasts = (d: ForecastsDeps): ((q: Question) => Promise<object>) => {
  const { pace, post, letters, forecastToken: token } = d;
  const system = systemId(d.names.words, d.group);
  let busy = false;

  const forecast = async ({ wanted, text }: Question): Promise<object> => {
    const { filter, max, allChecks } = wanted;
    const begun = pace.now();
    const processors = await askAll(placesOf(d.processors, await d.cluster.group(system)), system, d.ask);
    const until = begun + FORECAST_MS + FORECAST_END_MS;
    const { ask, ran } = createProcessorAsk({ processors, system, allChecks, pace, post, token, until });
    const found = await whatIf(letters, filter, max, ask, () => pace.now() > begun + FORECAST_MS);
    const json = whatIfJson(found, ran());
    return {
      ...{ summary: summaryOf(found), ...json },
      letters: json.letters.map((l) => (text || l.key === null ? l : { ...l, key: HIDDEN })),
      cli: cliLine.whatIf(wanted),
    };
  };

  return async (question) => {
    if (busy) throw new ServiceError('OPERATORS_AWAY', 'Another forecast is being made. Ask again later.');
    busy = true;
    try {
      return await forecast(question);
    } finally {
      busy = false;
    }
  };
};
