import Type from 'typebox';
import { ERROR_ACTIONS } from '@verdikt/core/errors.ts';
import { HTTP } from './problem.ts';

const id = Type.String({ format: 'uuid', description: 'Names the submission for ever.' });

/** Written out so that clients made from the document refuse them too. */
const NO_CONTROLS = '^[^\\u0000-\\u001f]+$';

const Submission = Type.Object(
  {
    word: Type.String({
      minLength: 1,
      maxLength: 1024,
      pattern: NO_CONTROLS,
      description:
        'Well-formed Unicode without C0 controls; stored in NFC. At most 1,024 code points and 4 KiB by default, and 30 combining marks in a row.',
    }),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        pattern: NO_CONTROLS,
        description:
          'Decides order and partition. At most 256 bytes by default. Default: the normalised word.',
      }),
    ),
  },
  {
    $id: 'Submission',
    additionalProperties: false,
    examples: [{ word: 'level' }, { word: 'word', key: 'k1' }],
  },
);

const code = Type.Enum(
  Object.keys(ERROR_ACTIONS).filter((c) => c in HTTP),
  {
    description: 'Stable; its meaning is in docs/errors.md.',
  },
);
const problemFields = {
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code,
  field: Type.Optional(Type.String({ description: 'What is wrong: a property, a header or `body`.' })),
  id: Type.Optional(id),
  detail: Type.String({ description: 'For people.' }),
};
const Entry = Type.Union([Type.Object({ status: Type.Literal(202), id }), Type.Object(problemFields)], {
  $id: 'Entry',
});
const entries = Type.Array(Type.Unsafe({ $ref: 'Entry#' }), { description: 'One per submission, in order.' });
const counted = { accepted: Type.Integer({ minimum: 0 }), submissions: entries };
const Problem = Type.Object({ title: Type.String(), ...problemFields }, { $id: 'Problem' });
const BatchAnswer = Type.Object(counted, { $id: 'BatchAnswer' });
const BatchProblem = Type.Object(
  {
    title: Type.String(),
    ...problemFields,
    accepted: Type.Optional(Type.Literal(0)),
    submissions: Type.Optional(entries),
  },
  { $id: 'BatchProblem' },
);

/** Schemas that the routes share; to be added before them. */
export const sharedSchemas = [Submission, Entry, Problem, BatchAnswer, BatchProblem];
const ref = (name: string): object => ({ $ref: `${name}#` });
const problem = ref('Problem');

const json = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});
const error = (description: string, schema: object = problem, headers?: object) => ({
  description,
  content: { 'application/problem+json': { schema } },
  ...(headers === undefined ? {} : { headers }),
});
const retryAfter = { 'Retry-After': { type: 'integer', description: 'Seconds.' } };

const requestHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      // White space around the value of a header is none of it.
      pattern: '^[\\x21-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?$',
      description: 'Sending the same again with the same value gives one verdict, within the dedup window.',
    }),
  ),
  traceparent: Type.Optional(Type.String({ description: 'W3C trace context; handed on with the record.' })),
});

const refusals = (schema: object) => ({
  400: error('Not valid; `code` and `field` say why.', schema),
  401: error('Tokens are configured and none of them was sent.', schema),
  408: error('The body did not arrive in time.', schema),
  413: error('Too large.', schema),
  415: error('Not the media type, or with content encoding.', schema),
  500: error('A fault of this service.', schema),
  503: error(
    'Not stored, or not known to be (APPEND_UNCONFIRMED): send again with the same Idempotency-Key.',
    schema,
    retryAfter,
  ),
});

/** Contracts of the routes. They document; `ingest.ts` decides, so that all three routes have one set of rules. */
export const wordsSchema = {
  operationId: 'submitWord',
  summary: 'Submit one word, or a stream of words',
  description:
    '`application/json`: one submission, answered 202 once it is stored. `application/x-ndjson`: one submission per line, answered 200 with one status line per line, in order, as they are stored; blank lines are counted but not answered. A client must read status lines while it sends. A last line with status 408 or 503 names the first line that was not read.',
  headers: requestHeaders,
  body: {
    required: true,
    content: {
      'application/json': { schema: ref('Submission') },
      'application/x-ndjson': { schema: Type.String({ description: 'One submission as JSON per line.' }) },
    },
  },
  response: {
    200: {
      description: 'NDJSON: one status line per line.',
      content: {
        'application/x-ndjson': {
          schema: Type.String({
            description:
              '`{"line":1,"status":202,"id":"…"}` or `{"line":1,"status":400,"code":"…","field":"…","detail":"…"}` per line.',
          }),
        },
      },
    },
    202: json('Stored by all in-sync replicas.', Type.Object({ id })),
    ...refusals(problem),
  },
} as const;

export const batchSchema = {
  operationId: 'submitBatch',
  summary: 'Submit up to 1,000 words at once',
  headers: requestHeaders,
  body: {
    required: true,
    content: {
      'application/json': {
        schema: Type.Array(Type.Unsafe(ref('Submission')), { minItems: 1, maxItems: 1000 }),
      },
    },
  },
  response: {
    202: json('All stored.', ref('BatchAnswer')),
    207: json('Some stored; `status` of each says which.', ref('BatchAnswer')),
    ...refusals(ref('BatchProblem')),
  },
} as const;
