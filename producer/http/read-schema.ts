import Type from 'typebox';
import { SCOPES } from '../auth/caller.ts';
import { error, json, problem, ref, retryAfter } from './api-schema.ts';
import { asOf, Attempt, count, preferWait, state, time, waitQuery } from './word-schema.ts';

const refusals = {
  400: error('Not valid. `code` and `field` say why.', problem),
  401: error('The token is missing, unknown or expired.', problem),
  403: error('The token does not have the scope `read`.', problem),
  500: error('A bug in verdikt.', problem),
  501: error('This edge keeps no view (`VIEW_OFF`).', problem),
  503: error(
    'The view has not read far enough to tell (`VIEW_BEHIND`), or the edge stops.',
    problem,
    retryAfter,
  ),
};
const etag = { ETag: { schema: { type: 'string' }, description: 'Version of the answer.' } };

export const wordSchema = {
  operationId: 'getWord',
  summary: 'What became of a word',
  description:
    'Answers from the view of this edge, which follows Kafka by a fraction of a second; `asOf` says how closely. With `wait`, the answer comes when the word has its outcome. With `wait` and `If-None-Match`, it comes when anything has changed. All requests may be sent to any edge that keeps a view. Callers see their own words; those of others with the scope `read:all`, and their text with `read:text`.',
  params: Type.Object({
    id: Type.String({ minLength: 1, maxLength: 256, description: 'ID of the submission.' }),
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
  headers: Type.Object({ prefer: preferWait, 'if-none-match': Type.Optional(Type.String()) }),
  response: {
    200: json('What is known, whatever its state.', ref('Word'), etag),
    304: { description: 'It is still that of `If-None-Match`.' },
    404: error(
      'It was never accepted, is older than what the view keeps, or belongs to another client.',
      problem,
    ),
    ...refusals,
  },
} as const;

const line = {
  id: Type.String(),
  state,
  reason: Type.String(),
  partition: Type.Integer({ minimum: 0 }),
  origin: Type.Integer({ minimum: 0 }),
  changedAt: Type.Integer(),
  accepted: Type.Optional(Type.Boolean()),
};

export const keySchema = {
  operationId: 'getKey',
  summary: 'The words of a key',
  description:
    'Those in the view, the newest first; without the scope `read:all`, only those of the caller. A page may then be short although there is a `next`.',
  params: Type.Object({ key: Type.String({ minLength: 1, description: 'The key, percent-encoded.' }) }),
  querystring: Type.Object({
    below: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,16}$', description: '`next` of the page before.' }),
    ),
    limit: Type.Optional(
      Type.String({ pattern: '^[0-9]{1,3}$', description: 'Words per page: 1 to 100, the default.' }),
    ),
  }),
  response: {
    200: json(
      'One page. None if the view knows none.',
      Type.Object({
        key: Type.String(),
        lane: Type.Optional(
          Type.Object(
            {
              size: count('Words in the lane.'),
              first: Type.Array(
                Type.Object({
                  ...line,
                  place: count('0: the head. Else how many are before it.'),
                  submittedAt: Type.Optional(time('When the edge accepted it.')),
                  attempt: Type.Optional(count('The attempt that runs next.')),
                  dueAt: Type.Optional(time('When it is due.')),
                  attempts: Type.Array(Attempt),
                }),
                { description: 'Its head and the words behind it, in order, at most 20.' },
              ),
            },
            { description: 'What is undecided and was read by a processor. With the first page.' },
          ),
        ),
        words: Type.Array(Type.Object(line)),
        next: Type.Optional(Type.Integer({ description: 'Send it as `below` for the next page.' })),
        asOf,
      }),
    ),
    ...refusals,
  },
} as const;

const seconds = (what: string) =>
  Type.Array(Type.Integer({ minimum: 0 }), {
    minItems: 60,
    maxItems: 60,
    description: `${what} in each of the last 60 seconds, the oldest first.`,
  });

export const summarySchema = {
  operationId: 'getSummary',
  summary: 'How the system does',
  description: 'Counted from the topics by the view of this edge.',
  response: {
    200: json(
      'As of now.',
      Type.Object({
        now: time('By the clock of this edge.'),
        asOf,
        words: count('Words in the view.'),
        untaken: Type.Object(
          {
            words: count('How many.'),
            oldestAt: Type.Optional(time('When the edge accepted the oldest.')),
          },
          { description: 'Words that no processor has come to.' },
        ),
        lanes: Type.Object(
          {
            queued: count('Behind another, or about to run.'),
            retrying: count('An attempt has failed, the next is due.'),
            parked: count('Keys that wait for an operator.'),
            redriven: count('Put back by an operator.'),
          },
          { description: 'Undecided words that processors have read.' },
        ),
        dueLagMs: count(
          'For how long the retry that is due for longest has been. Of the first 10,000 that wait.',
        ),
        minute: Type.Object({
          accepted: seconds('Words accepted'),
          verdicts: seconds('Verdicts'),
          deadLetters: seconds('Words given up'),
          endToEnd: Type.Optional(
            Type.Object(
              { p50Ms: count('Half are faster.'), p99Ms: count('99 of 100 are faster.') },
              {
                description:
                  'From the acceptance of a word to its verdict in `results`, within a tenth. Missing without verdicts.',
              },
            ),
          ),
        }),
      }),
    ),
    ...refusals,
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
      content: { 'text/event-stream': { schema: Type.String() } },
    },
    ...refusals,
  },
} as const;

/** Who asks. */
export const Me = Type.Object(
  {
    principal: Type.String({ description: '`anonymous` without a token.' }),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    open: Type.Boolean({ description: 'No token was needed.' }),
    until: Type.Optional(Type.Integer({ description: 'When the token ends, milliseconds since 1970.' })),
  },
  { $id: 'Me', examples: [{ principal: 'shop', scopes: ['submit', 'read'], open: false }] },
);

export const meSchema = {
  operationId: 'getMe',
  summary: 'Who the edge takes the caller for',
  response: {
    200: json('The caller.', ref('Me')),
    401: refusals[401],
    500: refusals[500],
    503: error(
      'The token cannot be checked now (`KEYS_UNAVAILABLE`), or the edge stops.',
      problem,
      retryAfter,
    ),
  },
} as const;
