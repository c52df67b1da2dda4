import Type from 'typebox';
import { ERROR_ACTIONS } from '@verdikt/core/errors.ts';
import { HTTP } from './problem.ts';

const id = Type.String({ format: 'uuid', description: 'Names the submission; it never changes.' });

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
    idempotencyKey: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'An Idempotency-Key of this submission alone; it takes the place of the header.',
      }),
    ),
  },
  {
    $id: 'Submission',
    additionalProperties: false,
    examples: [{ word: 'level' }, { word: 'word', key: 'k1' }, { word: 'noon', idempotencyKey: 'order-17' }],
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
const BatchAnswer = Type.Object(
  {
    detail: Type.Optional(Type.String({ description: 'With 207: what to send again, and how.' })),
    ...counted,
  },
  { $id: 'BatchAnswer' },
);
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
      // What begins with a quote is a quoted string.
      pattern:
        '^([\\x21\\x23-\\x7e]([\\x20-\\x7e]*[\\x21-\\x7e])?|"([\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])+")$',
      description:
        'Makes sending again safe. A submission is the same when this value, its key and its word are: it keeps its id and is judged once within the dedup window, alone, in a batch or in a stream, in any order. On batches and streams the value is a namespace for all items; equal items under it are one submission, unless each brings an `idempotencyKey` of its own. Taken as it is, or as a quoted string (`"a"` is `a`).',
    }),
  ),
  traceparent: Type.Optional(Type.String({ description: 'W3C trace context; handed on with the record.' })),
});

const refusals = (schema: object) => ({
  400: error('Not valid; `code` and `field` say why.', schema),
  401: error('Tokens are configured and none of them was sent.', schema),
  408: error('The body did not arrive in time. Nothing was stored: send it again.', schema),
  413: error('Too large.', schema),
  415: error('Not the media type, or with content encoding.', schema),
  500: error('A fault of this service.', schema),
  503: error(
    'Not stored: send it again. Not known to be (`APPEND_UNCONFIRMED`): send it again with the same Idempotency-Key and it is judged once; without one it may be judged twice.',
    schema,
    retryAfter,
  ),
});

/** Contracts of the routes. They document; `ingest.ts` decides, so that all three routes have one set of rules. */
export const wordsSchema = {
  operationId: 'submitWord',
  summary: 'Submit one word, or a stream of words',
  description:
    '`application/json`: one submission, answered 202 once it is stored. `application/x-ndjson`: one submission per line, answered 200 with one status line per line, in order, as they are stored; blank lines are counted but not answered. A client must read status lines while it sends. A last line with status 408 or 503 names the first line that was not read: send what follows from there, or with the same Idempotency-Key the whole stream.',
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
    207: json(
      'Some stored; `status` of each says which. Send the others again, corrected, or with the same Idempotency-Key the whole batch.',
      ref('BatchAnswer'),
    ),
    ...refusals(ref('BatchProblem')),
  },
} as const;
