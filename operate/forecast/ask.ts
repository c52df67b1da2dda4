import { Check } from 'typebox/value';
import {
  FORECAST_MAX_BYTES,
  FORECAST_PATH,
  forecastSchema,
  letterText,
  QUESTION_BYTES,
  questionText,
  type Forecast,
  type ForecastAnswer,
  type ForecastLetter,
} from '@verdikt/core/service/forecast.ts';
import { ServiceError } from '@verdikt/core/errors.ts';
import type { Pace } from '../dlq/ports.ts';
import type { Asked } from '../status/processors.ts';
import type { Ask, Ran } from './what-if.ts';

/** Sends JSON to one address; rejects with an Error that says why there is no answer in time. */
export type Post = (
  url: string,
  body: string,
  token: string | undefined,
  withinMs: number,
) => Promise<{ readonly status: number; readonly body: unknown }>;

interface AskOptions {
  /** Processors that were asked about themselves. */
  readonly processors: readonly Asked[];
  readonly system: string;
  readonly post: Post;
  readonly token: string | undefined;
  /** Also run checks that ask services, and modules. */
  readonly allChecks: boolean;
  readonly pace: Pace;
  /** When the last answer must be there. */
  readonly until: number;
}

/** For one question: checks have their own limits, mostly of seconds. */
const ANSWER_MS = 20_000;
/** Between questions where all are asked by others. */
const BUSY_MS = 200;

const TOO_LARGE: Forecast = {
  ...{ outcome: 'unknown', reason: 'too-large', stage: '' },
  detail: 'The record is too large to be sent to a processor. Ask with verdikt dlq what-if.',
};

/** What of these fits into one question, at least one; those that never do are undefined. */
const packed = (letters: readonly ForecastLetter[]): { texts: (string | undefined)[] }[] => {
  const questions: { texts: (string | undefined)[]; bytes: number }[] = [];
  for (const letter of letters) {
    const text = letterText(letter);
    const bytes = Buffer.byteLength(text) + 1;
    const fits = bytes + QUESTION_BYTES <= FORECAST_MAX_BYTES;
    let last = questions.at(-1);
    if (last === undefined || (fits && last.bytes + bytes > FORECAST_MAX_BYTES))
      questions.push((last = { texts: [], bytes: QUESTION_BYTES }));
    last.texts.push(fits ? text : undefined);
    if (fits) last.bytes += bytes;
  }
  return questions;
};

/** Those with tasks first: they have the chain that judges now. */
const inOrder = (processors: readonly Asked[]): string[] =>
  processors
    .filter((p) => p.status !== undefined)
    .toSorted((a, b) => Number(b.status?.tasks.length) - Number(a.status?.tasks.length))
    .flatMap(({ url }) => url ?? []);

const problemIn = (body: unknown): string => {
  const { problem } = (body ?? {}) as { problem?: unknown };
  return typeof problem === 'string' ? problem : 'it gives no reason';
};

/**
 * Has processors make the forecasts, one after the other until one answers: they alone have today's chain. Rejects PROCESSORS_AWAY when
 * none does, with what each says.
 */
export const createProcessorAsk = (o: AskOptions): { readonly ask: Ask; ran(): Ran } => {
  const { post, pace, until, token, allChecks, system } = o;
  const urls = inOrder(o.processors);
  const why = o.processors.flatMap(({ url, member, problem }) =>
    problem === undefined ? [] : [`${url ?? member}: ${problem}`],
  );
  let ran: Ran = { checks: [], notRun: undefined };

  /** Undefined: others ask it. */
  const sent = async (url: string, body: string): Promise<ForecastAnswer | string | undefined> => {
    const within = Math.min(ANSWER_MS, until - pace.now());
    if (within <= 0) return 'it has no answer in time';
    const answer = await post(new URL(FORECAST_PATH, url).href, body, token, within).catch(
      (e: unknown) => (e as Error).message,
    );
    if (typeof answer === 'string') return answer;
    if (answer.status === 503) return undefined;
    if (answer.status === 404) return 'it is of a version that makes no forecasts';
    if (answer.status !== 200) return problemIn(answer.body);
    return Check(forecastSchema, answer.body) && answer.body.system === system
      ? answer.body
      : 'its answer is no forecast';
  };

  /** One that has failed is not asked again; one that others ask is, after the rest. */
  const answered = async (body: string, letters: number): Promise<readonly Forecast[]> => {
    let busy = 0;
    for (let url = urls[0]; url !== undefined; url = urls[0]) {
      const answer = await sent(url, body);
      urls.shift();
      if (answer === undefined) {
        urls.push(url);
        if (++busy % urls.length === 0) await pace.pause(BUSY_MS);
        continue;
      }
      if (typeof answer !== 'string' && answer.forecasts.length === letters) {
        urls.unshift(url);
        ran = { checks: answer.checks, notRun: answer.notRun ?? undefined };
        return answer.forecasts;
      }
      why.push(`${url}: ${typeof answer === 'string' ? answer : 'its answer is not whole'}`);
    }
    const reasons = why.length === 0 ? 'the group has no members' : why.join('; ');
    throw new ServiceError('PROCESSORS_AWAY', `No processor makes a forecast: ${reasons}.`, { system });
  };

  return {
    ran: () => ran,
    ask: async (letters) => {
      const forecasts: Forecast[] = [];
      for (const { texts } of packed(letters)) {
        const whole = texts.filter((t) => t !== undefined);
        const body = questionText(allChecks, whole);
        const made = (whole.length === 0 ? [] : await answered(body, whole.length)).values();
        for (const text of texts)
          forecasts.push(text === undefined ? TOO_LARGE : (made.next().value ?? TOO_LARGE));
      }
      return forecasts;
    },
  };
};
