import { Check } from 'typebox/value';
import { Type, type Static } from '../config/fields.ts';
import type { InRecord } from '../record/record.ts';
import { readRecordJson, recordJson, type RecordJson } from '../record/record-json.ts';

/** Of edges that serve operators, and of processors. */
export const forecastFields = {
  forecastToken: Type.Optional(
    Type.String({
      secret: true,
      minLength: 16,
      maxLength: 1_000,
      pattern: '^[!-~]+$',
      description:
        'Shared by edges and processors: with it, an edge asks processors for forecasts (`POST /forecast`). A processor that has one answers nobody without it; one that has none answers everybody who reaches its management port, but runs no check that asks a service, and no module.',
    }),
  ),
} as const;

/** Path on the management port of a processor. */
export const FORECAST_PATH = '/forecast';
/** Letters that are asked about at once. */
export const FORECAST_MOST = 20;
/** Bytes of one question: a few times the default limit of records, small beside the memory of a process. */
export const FORECAST_MAX_BYTES = 4 * 1_048_576;

const said = {
  reason: Type.String({ description: 'Reason code.' }),
  stage: Type.String({ description: 'The check; `decode` if the value could not be read. May be empty.' }),
  detail: Type.String({ description: 'In the words of the check.' }),
};
const oneForecast = Type.Union([
  Type.Object({
    outcome: Type.Literal('pass'),
    accepted: Type.Boolean({ description: 'Whether its verdict would accept the word.' }),
  }),
  Type.Object({
    outcome: Type.Enum(['fail', 'unknown'], {
      description: '`unknown`: the chain could not be asked, or not to its end.',
    }),
    ...said,
  }),
]);
/** What would come of one dead letter if it were redriven now. */
export type Forecast = Static<typeof oneForecast>;

/** What `POST /forecast` answers. */
export const forecastSchema = Type.Object({
  system: Type.String({ description: 'Its consumer group in Kafka.' }),
  checks: Type.Array(Type.String(), { description: 'Checks that were run, in order.' }),
  notRun: Type.Union([Type.String(), Type.Null()], {
    description: 'The first check that was not run, nor what follows; null: all were.',
  }),
  forecasts: Type.Array(oneForecast, { description: 'One for each letter, in order.' }),
});
export type ForecastAnswer = Static<typeof forecastSchema>;

/** A dead letter that is asked about, as it was in `words`. */
export interface ForecastLetter {
  readonly record: InRecord;
  /** Undefined: it has none. */
  readonly id: string | undefined;
  /** How often it was redriven before. */
  readonly redrive: number;
}

/** As it stands in a question. */
export const letterText = ({ record, id, redrive }: ForecastLetter): string =>
  JSON.stringify({ id: id ?? null, redrive, record: recordJson(record) });
/** Body of a question about letters that `letterText` wrote. */
export const questionText = (allChecks: boolean, letters: readonly string[]): string =>
  `{"allChecks":${allChecks},"letters":[${letters.join(',')}]}`;
/** Bytes of a question beside its letters, each with a comma. */
export const QUESTION_BYTES = 64;

export interface ForecastQuestion {
  readonly allChecks: boolean;
  readonly letters: readonly ForecastLetter[];
}

/** Its records are looked at by `readRecordJson`, byte by byte. */
export const questionSchema = Type.Object(
  {
    allChecks: Type.Boolean({ description: 'Also run checks that ask services, and modules.' }),
    letters: Type.Array(
      Type.Object(
        {
          id: Type.Union([Type.String({ maxLength: 65_536 }), Type.Null()], {
            description: 'ID of the submission.',
          }),
          redrive: Type.Integer({ minimum: 0, description: 'How often it was redriven before.' }),
          record: Type.Object(
            {},
            { description: 'As a line of `verdikt dlq export` has it: bytes as base64.' },
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: FORECAST_MOST },
    ),
  },
  { additionalProperties: false },
);

/** The question of a body; a text where it is none. */
export const readQuestion = (body: unknown): ForecastQuestion | string => {
  if (!Check(questionSchema, body)) return 'it is no question for forecasts';
  try {
    const letters = body.letters.map(({ id, redrive, record }, i) => ({
      ...{ id: id ?? undefined, redrive },
      record: readRecordJson(record as Partial<RecordJson>, (why) => new Error(`letter ${i}: ${why}`)),
    }));
    return { allChecks: body.allChecks, letters };
  } catch (e) {
    return (e as Error).message;
  }
};
