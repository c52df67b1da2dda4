import Type from 'typebox';
import { always, error, guarded, json, ref, retryAfter } from './answers.ts';
import type { Problem } from './problem.ts';
import { AS_OF_LATER, BAD_AS_OF, BAD_AT, BAD_LIMIT, tooEarly } from './read-routes.ts';
import { BAD_VERDICT } from './results-route.ts';
import { RESULT_TEXT, SINCE } from './read-shapes.ts';
import { preferWait, waitQuery } from './word-schema.ts';

const refusals = (...bad: readonly Problem[]) => ({
  ...guarded('read'),
  400: error('Not valid. `code` and `field` say why.', bad),
  501: error('This edge keeps no view (`VIEW_OFF`).', ['VIEW_OFF']),
  503: error(
    'The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.',
    ['VIEW_BEHIND', 'STOPPING'],
    { headers: retryAfter },
  ),
});
const etag = { ETag: { schema: { type: 'string' }, description: 'Version of the answer.' } };

export const wordSchema = {
  operationId: 'getWord',
  summary: 'What became of a word',
  description:
    'Answers from the view of this edge, which follows Kafka by a fraction of a second; `asOf` says how closely. With `wait`, the answer comes when the word has its outcome. With `wait` and `If-None-Match`, it comes when anything has changed. All requests may be sent to any edge that keeps a view. Callers see their own words; those of others with the scope `read:all`, and their text with `read:text`.',
  params: Type.Object({
    id: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'ID of the submission.',
      examples: ['019a2c1e-7f00-7000-8000-000000000001'],
    }),
  }),
  querystring: Type.Object({
    at: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,4}\\.[0-9]{1,15}$',
        description:
          '`<partition>.<offset>` of `Location`. It tells "not seen yet" from "never accepted", and finds in Kafka what is older than the view.',
      }),
    ),
    ...waitQuery.properties,
  }),
  headers: Type.Object({
    prefer: preferWait,
    'if-none-match': Type.Optional(Type.String({ description: '`ETag` of the answer that is known.' })),
  }),
  response: {
    200: json('What is known, whatever its state.', ref('Word'), etag),
    304: Type.Null({ description: 'It is still that of `If-None-Match`.' }),
    404: error('It was never accepted, is older than what the view keeps, or belongs to another client.', [
      'NOT_FOUND',
    ]),
    ...refusals(BAD_AT),
  },
} as const;

const keyPage = Type.Object({
  below: Type.Optional(Type.String({ pattern: '^[0-9]{1,16}$', description: '`next` of the page before.' })),
  limit: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,3}$', description: 'Words per page: 1 to 100, the default.' }),
  ),
  asOf: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,16}$',
      description: 'As it was at this time, milliseconds since 1970; not before `since`. Default: now.',
      examples: ['1796000000400'],
    }),
  ),
});
const keyAnswers = {
  200: json('One page. None if the view knows none.', ref('KeyPage')),
  404: error(
    '`asOf` is before the time from which on the view knows the lane of this key; `since` names it.',
    [tooEarly(SINCE)],
  ),
  ...refusals(BAD_LIMIT, BAD_AS_OF, AS_OF_LATER),
};

export const keySchema = {
  operationId: 'getKey',
  summary: 'The words of a key',
  description:
    'Those in the view, the newest first; without the scope `read:all`, only those of the caller. A page may then be short although there is a `next`. With `asOf`, the key as it was then, by the times of the records; times in the answer are to be read as of then, too.',
  params: Type.Object({
    key: Type.String({ minLength: 1, description: 'The key, percent-encoded.', examples: ['order-17'] }),
  }),
  querystring: keyPage,
  response: keyAnswers,
} as const;

/** For the keys that no path can hold. */
export const findKeySchema = {
  operationId: 'findKey',
  summary: 'The words of a key that a path cannot hold',
  description:
    'As `getKey`, for any key. Clients and proxies take `.` and `..` out of a path, percent-encoded too, so these two keys are asked for here.',
  querystring: Type.Object({
    key: Type.String({ minLength: 1, description: 'The key.', examples: ['..'] }),
    ...keyPage.properties,
  }),
  response: keyAnswers,
} as const;

export const summarySchema = {
  operationId: 'getSummary',
  summary: 'How the system does',
  description: 'Counted from the topics by the view of this edge.',
  response: {
    200: json('As of now.', ref('Summary')),
    ...refusals({ code: 'INPUT_INVALID', field: 'path', detail: 'The path is malformed.' }),
  },
} as const;

export const resultsSchema = {
  operationId: 'streamResults',
  summary: 'Verdicts as they are committed',
  description:
    'Server-sent events, only of own words without the scope `read:all`. `verdict`: one verdict, with its place in `results`. `gap`: what is not kept any more was passed over. `busy`: too many streams are open; `stop`: this edge stops; after both, come back after `retry`. A block with an `id` alone comes at most once a second: it is the position, valid on every edge that keeps a view. Send the last one as `Last-Event-ID` to go on without gap; some verdicts may then come again. Order is that of each partition. Without position, the stream begins now.',
  querystring: Type.Object({
    key: Type.Optional(Type.String({ description: 'Only verdicts of this key.' })),
    id: Type.Optional(Type.String({ description: 'Only that of this word.' })),
    verdict: Type.Optional(Type.Enum(['accepted', 'refused'], { description: 'Only such verdicts.' })),
    from: Type.Optional(
      Type.String({
        description: '`start` for all that is kept, or a position, for clients that cannot set headers.',
      }),
    ),
  }),
  headers: Type.Object({
    'last-event-id': Type.Optional(Type.String({ description: 'Position to go on from.' })),
  }),
  response: {
    200: {
      description: 'The stream, also if there are too many.',
      content: {
        'text/event-stream': {
          schema: Type.String({
            description: 'Events; the `data` of each `verdict` is a Result.',
            examples: [RESULT_TEXT],
          }),
        },
      },
    },
    ...refusals(BAD_VERDICT),
  },
} as const;

export const meSchema = {
  operationId: 'getMe',
  summary: 'Who the edge takes the caller for',
  response: {
    200: json('The caller.', ref('Me')),
    ...always(),
    503: error(
      'The token cannot be checked now (`KEYS_UNAVAILABLE`), or the edge stops.',
      ['KEYS_UNAVAILABLE', 'STOPPING'],
      { headers: retryAfter },
    ),
  },
} as const;
