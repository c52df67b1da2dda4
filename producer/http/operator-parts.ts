// What the contracts of the routes for operators share.
import Type from 'typebox';
import { STATUSES } from '@verdikt/operate/dlq/filter.ts';
import { acting, error, guarded, retryAfter } from './answers.ts';

export const count = (description: string) => Type.Integer({ minimum: 0, description });
export const time = (description: string) =>
  Type.Integer({ description: `${description} Milliseconds since 1970, UTC.` });
export const text = (description: string) => Type.String({ description });
export const orNull = <T extends object>(schema: T) => Type.Union([Type.Unsafe(schema), Type.Null()]);
export const cli = text('The command that does the same.');
export const counts = (description: string) =>
  Type.Record(Type.String(), Type.Integer({ minimum: 0 }), { description });

export const refusals = {
  ...guarded('operate'),
  400: error('Not valid. `code` and `field` say why.', [
    { code: 'INPUT_INVALID', field: 'limit', detail: 'Give limit as 1 to 500.' },
  ]),
  501: error('This edge does not serve operators (`OPERATORS_OFF`).', ['OPERATORS_OFF']),
  503: error(
    'Kafka does not answer, or too much is asked (`OPERATORS_AWAY`); or the edge stops.',
    ['OPERATORS_AWAY', 'STOPPING'],
    { headers: retryAfter },
  ),
};
export const none = { 404: error('There is none.', ['NOT_FOUND']) };
export const ofBody = {
  ...acting('operate'),
  408: error('The body did not arrive in time.', [
    { code: 'INPUT_INVALID', field: 'body', status: 408, detail: 'The body did not arrive in time.' },
  ]),
  413: error('Too large.', [{ code: 'INPUT_TOO_LARGE', field: 'body' }]),
  415: error('Unsupported media type, or a content encoding.', [
    {
      ...{ code: 'INPUT_INVALID', field: 'content-type', status: 415 },
      detail: 'Send application/json as UTF-8.',
    },
  ]),
};

export const letterFields = {
  topic: Type.String(),
  partition: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
  timestamp: time('When it was dead-lettered.'),
  dialect: text('Who wrote it; `verdikt` for ours.'),
  id: orNull(text('ID of the submission.')),
  keyText: orNull(text('The key; `***` without the scope `read:text`.')),
  reason: text('Reason code.'),
  kind: text('`reject` or `retry-exhausted`.'),
  stage: text('The check that failed.'),
  error: text('The failure, as the check says it.'),
  attempts: orNull(count('Attempts made.')),
  disposition: Type.Enum(['final', 'parked']),
  stub: count('Bytes of the record for which it is a stub; 0: it is whole.'),
  redrive: count('How often it was redriven before.'),
  original: Type.Object({
    topic: orNull(Type.String()),
    partition: orNull(Type.Integer()),
    offset: orNull(Type.Integer()),
    timestamp: orNull(Type.Integer()),
  }),
  status: Type.Enum([...STATUSES], {
    description:
      '`open`: never redriven. `parked`: its key waits for an operator. `redriven`, `skipped`: by an operator. `quarantined`: redriven too often.',
  }),
};
export const Letter = Type.Object(letterFields, { $id: 'Letter' });

export const LETTER = {
  ...{ topic: 'words.dlq', partition: 3, offset: 1042, timestamp: 1_796_000_000_400, dialect: 'verdikt' },
  ...{ id: '019a2c1e-7f00-7000-8000-000000000001', keyText: 'order-17', reason: 'http_503' },
  ...{ kind: 'retry-exhausted', stage: 'http', error: 'status 503', attempts: 5, disposition: 'parked' },
  ...{ stub: 0, redrive: 0, status: 'parked' },
  original: { topic: 'words', partition: 3, offset: 1041, timestamp: 1_796_000_000_000 },
};
export const OPERATION_ID = '019a2c1e-8000-7000-8000-000000000001';

export const filterQuery = {
  reason: Type.Optional(text('Reason codes, with commas between.')),
  key: Type.Optional(text('Keys, with commas between.')),
  id: Type.Optional(text('Submissions, with commas between.')),
  stage: Type.Optional(text('Checks that failed, with commas between.')),
  status: Type.Optional(text(`Any of ${STATUSES.join(', ')}, with commas between.`)),
  disposition: Type.Optional(text('`final`, `parked`.')),
  partition: Type.Optional(text('Partitions, with commas between.')),
  since: Type.Optional(
    text('Dead-lettered at or after this time: milliseconds, ISO 8601, or a period like `1h`.'),
  ),
  until: Type.Optional(text('Dead-lettered before this time.')),
};
export const limit = Type.Optional(
  Type.String({ pattern: '^[0-9]{1,3}$', description: 'Entries per page: 1 to 500; default 100.' }),
);
