import Type from 'typebox';
import { ERROR_ACTIONS } from '@verdikt/core/errors.ts';
import { SOME_STORED } from './batch-answer.ts';
import { acting, error, json, ref, retryAfter } from './answers.ts';
import { HTTP, type Problem } from './problem.ts';
import { Attempt, DONE, preferWait, Step, Verdict, waitQuery, Word, time } from './word-schema.ts';

const id = Type.String({ format: 'uuid', description: 'ID of the submission. It never changes.' });

/** Written out so that clients made from the document refuse them too: controls, and what turns the writing direction. */
const NO_CONTROLS = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u202a-\\u202e\\u2066-\\u2069]+$';

const Submission = Type.Object(
  {
    word: Type.String({
      minLength: 1,
      maxLength: 1024,
      pattern: NO_CONTROLS,
      description:
        'Well-formed Unicode without control characters and without embeddings, overrides and isolates of the writing direction, stored in NFC. By default, at most 1,024 code points and 4 KiB. At most 30 combining marks in a row.',
    }),
    key: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        pattern: NO_CONTROLS,
        description:
          'Determines order and partition. The same characters as in a word. At most 256 bytes by default. Default: the normalized word.',
      }),
    ),
    idempotencyKey: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        pattern: '^[\\x20-\\x7e]+$',
        description: 'Idempotency-Key of this submission alone. It replaces the header.',
      }),
    ),
  },
  {
    $id: 'Submission',
    additionalProperties: false,
    examples: [{ word: 'level' }, { word: 'word', key: 'k1' }, { word: 'noon', idempotencyKey: 'order-17' }],
  },
);

const ID = '019a2c1e-7f00-7000-8000-000000000001';
const OTHER_ID = '019a2c1e-7f00-7000-8000-000000000002';
const ACCEPTED = { status: 202, id: ID };
const WRONG = {
  status: 400,
  code: 'INPUT_INVALID',
  field: 'word',
  detail: 'The word is missing or not a string.',
};
const lines = (...values: object[]): string => values.map((v) => `${JSON.stringify(v)}\n`).join('');

const Accepted = Type.Object({ id }, { $id: 'Accepted', examples: [{ id: ID }] });

const code = Type.Enum(
  Object.keys(ERROR_ACTIONS).filter((c) => c in HTTP),
  {
    description: 'Stable. See docs/reference/errors.md.',
  },
);
const problemFields = {
  status: Type.Integer({ minimum: 400, maximum: 599 }),
  code,
  field: Type.Optional(Type.String({ description: 'The property or header that is wrong, or `body`.' })),
  id: Type.Optional(id),
  detail: Type.String({ description: 'Explanation for people. May change.' }),
};
const Entry = Type.Union([Type.Object({ status: Type.Literal(202), id }), Type.Object(problemFields)], {
  $id: 'Entry',
});
const StatusLine = Type.Intersect(
  [
    Type.Object({ line: Type.Integer({ minimum: 1, description: 'Counts from 1.' }) }),
    Type.Unsafe({ $ref: 'Entry#' }),
  ],
  {
    $id: 'StatusLine',
    description: 'What became of one line of a stream.',
  },
);
const entries = Type.Array(Type.Unsafe({ $ref: 'Entry#' }), {
  description: 'One entry per submission, in order.',
});
const counted = { accepted: Type.Integer({ minimum: 0 }), submissions: entries };
const type = Type.Optional(Type.String({ format: 'uri', description: 'Default: `about:blank`.' }));
const violated = Type.Optional(
  Type.Array(Type.String(), { description: 'With `QUOTA_EXCEEDED`: the names of the quotas.' }),
);
const Problem = Type.Object(
  {
    ...{ type, title: Type.String(), ...problemFields, 'violated-policies': violated },
    since: Type.Optional(time('With `NOT_FOUND` for `asOf`: from when on the view knows.')),
  },
  {
    $id: 'Problem',
    examples: [
      {
        title: 'Bad Request',
        status: 400,
        code: 'INPUT_INVALID',
        field: 'word',
        detail: 'The word is missing or not a string.',
      },
    ],
  },
);
const BatchAnswer = Type.Object(
  {
    detail: Type.Optional(Type.String({ description: 'With 207: what to resend, and how.' })),
    ...counted,
  },
  {
    $id: 'BatchAnswer',
    examples: [
      { accepted: 2, submissions: [ACCEPTED, { status: 202, id: OTHER_ID }] },
      { detail: SOME_STORED, accepted: 1, submissions: [ACCEPTED, WRONG] },
    ],
  },
);
const BatchProblem = Type.Object(
  {
    ...{ type, title: Type.String() },
    ...problemFields,
    'violated-policies': violated,
    accepted: Type.Optional(Type.Literal(0)),
    submissions: Type.Optional(entries),
  },
  { $id: 'BatchProblem' },
);

/** Schemas that the routes share; to be added before them. */
export const sharedSchemas = [
  ...[Submission, Accepted, Entry, StatusLine, Problem, BatchAnswer, BatchProblem],
  ...[Attempt, Step, Verdict, Word],
];
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
        'Makes resending safe. Submissions with the same value, key and word are the same: they get the same ID and are evaluated once within the dedup window, whether they come alone, in a batch or in a stream, in any order. On batches and streams, the value applies to all items. Equal items are one submission, unless each has its own `idempotencyKey`. The value may be a quoted string (`"a"` equals `a`).',
    }),
  ),
  traceparent: Type.Optional(
    Type.String({ description: 'W3C trace context. It is passed on with the record.' }),
  ),
});

const submitHeaders = Type.Object({ ...requestHeaders.properties, prefer: preferWait });

const WORD_MISSING: Problem = {
  code: 'INPUT_INVALID',
  field: 'word',
  detail: 'The word is missing or not a string.',
};

const refusals = (schema?: object) => {
  const more = schema === undefined ? {} : { schema };
  return {
    ...acting('submit', more),
    400: error('Not valid. `code` and `field` say why.', [WORD_MISSING], more),
    408: error(
      'The body did not arrive in time. Nothing was stored: resend it.',
      [{ code: 'INPUT_INVALID', field: 'body', status: 408, detail: 'The body did not arrive in time.' }],
      more,
    ),
    413: error('Too large.', [{ code: 'INPUT_TOO_LARGE', field: 'body' }, 'RECORD_TOO_LARGE'], more),
    415: error(
      'Unsupported media type, or a content encoding.',
      [
        {
          ...{ code: 'INPUT_INVALID', field: 'content-type', status: 415 },
          detail: 'Send application/json or application/x-ndjson as UTF-8.',
        },
      ],
      more,
    ),
    422: error(
      'The Idempotency-Key was used for another submission, as far as the view of this edge knows (`KEY_REUSED`). Nothing was stored.',
      [{ code: 'KEY_REUSED', field: 'idempotency-key' }],
      more,
    ),
    429: error(
      'This client has sent more than its quota (`quotaPerSecond`, off by default). `RateLimit` and `RateLimit-Policy` are on all answers then.',
      ['QUOTA_EXCEEDED'],
      { ...more, headers: retryAfter },
    ),
    503: error(
      'Not stored: resend it. With `APPEND_UNCONFIRMED` it may be stored: resend it with the same Idempotency-Key, and it is evaluated once. Without one, it may be evaluated twice.',
      ['BUFFER_FULL', 'APPEND_UNCONFIRMED', 'BROKER_UNAVAILABLE', 'ACCESS_DENIED', 'STOPPING'],
      { ...more, headers: retryAfter },
    ),
  };
};

/** Contracts of the routes. They document; `ingest.ts` decides, so that all three routes have one set of rules. */
export const wordsSchema = {
  operationId: 'submitWord',
  summary: 'Submit one word, or a stream of words',
  description:
    '`application/json`: one submission, answered 202 once it is stored. `application/x-ndjson`: one submission per line, answered 200 with one status line per line, in order, as they are stored. Blank lines are counted but not answered. A client must read status lines while it sends. A line whose own `idempotencyKey` was used for another submission, as far as the view of this edge knows, has status 422 (`KEY_REUSED`). A last line with status 408 or 503 names the first line that was not read: resend from there, or resend the whole stream with the same Idempotency-Key.',
  headers: submitHeaders,
  querystring: waitQuery,
  body: {
    required: true,
    content: {
      'application/json': { schema: ref('Submission') },
      'application/x-ndjson': {
        schema: Type.String({
          description: 'One submission as JSON per line.',
          examples: [lines({ word: 'level' }, { word: 'word', key: 'k1' })],
        }),
      },
    },
  },
  response: {
    200: {
      description:
        'NDJSON: one status line per line. JSON: the outcome, if it came while the request waited for it (`wait`).',
      content: {
        'application/json': { schema: ref('Word'), example: DONE },
        'application/x-ndjson': {
          schema: Type.String({
            description:
              'A StatusLine per line: `{"line":1,"status":202,"id":"…"}` or `{"line":1,"status":400,"code":"…","field":"…","detail":"…"}`.',
            examples: [lines({ line: 1, ...ACCEPTED }, { line: 2, ...WRONG })],
          }),
        },
      },
    },
    202: json('Stored by all in-sync replicas.', ref('Accepted'), {
      Location: {
        schema: { type: 'string' },
        description: 'Where to ask what becomes of it. Only if this edge keeps a view.',
      },
    }),
    ...refusals(),
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
        schema: Type.Array(Type.Unsafe(ref('Submission')), {
          minItems: 1,
          maxItems: 1000,
          examples: [[{ word: 'level' }, { word: 'word', key: 'k1' }]],
        }),
      },
    },
  },
  response: {
    202: json('All stored.', ref('BatchAnswer')),
    207: json(
      'Some stored. The `status` of each entry says which. Resend the others, corrected, or the whole batch with the same Idempotency-Key.',
      ref('BatchAnswer'),
    ),
    ...refusals(ref('BatchProblem')),
  },
} as const;
