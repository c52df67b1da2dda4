import Type from 'typebox';
import { SCOPES } from '../auth/caller.ts';
import { ref } from './answers.ts';
import { asOf, count, state, time } from './word-schema.ts';

export const SINCE = 1_795_999_320_000;
const ID = '019a2c1e-7f00-7000-8000-000000000001';
const line = {
  id: Type.String(),
  state,
  reason: Type.String(),
  partition: Type.Integer({ minimum: 0 }),
  origin: Type.Integer({ minimum: 0 }),
  changedAt: Type.Integer(),
  accepted: Type.Optional(Type.Boolean()),
};

const LINE = {
  ...{ id: ID, state: 'retrying', reason: 'attempt 2 due in 12 s: http_503' },
  ...{ partition: 3, origin: 1041, changedAt: 1_796_000_000_100 },
};
const KeyLine = Type.Object(line, { $id: 'KeyLine', description: 'One word of a key.' });
const LaneWord = Type.Object(
  {
    ...line,
    place: count('0: the head. Else how many are before it.'),
    submittedAt: Type.Optional(time('When the edge accepted it.')),
    attempt: Type.Optional(count('The attempt that runs next.')),
    dueAt: Type.Optional(time('When it is due.')),
    attempts: Type.Array(Type.Unsafe(ref('Attempt'))),
  },
  { $id: 'LaneWord', description: 'One word of a lane.' },
);
const KeyPage = Type.Object(
  {
    key: Type.String(),
    lane: Type.Optional(
      Type.Object(
        {
          size: count('Words in the lane.'),
          atLeast: Type.Optional(
            Type.Literal(true, {
              description:
                'With `asOf`: more words wait now than one answer reads, so there may have been more than `size` then.',
            }),
          ),
          first: Type.Array(Type.Unsafe(ref('LaneWord')), {
            description: 'Its head and the words behind it, in order, at most 20.',
          }),
        },
        { description: 'What is undecided and was read by a processor. With the first page.' },
      ),
    ),
    words: Type.Array(Type.Unsafe(ref('KeyLine'))),
    next: Type.Optional(Type.Integer({ description: 'Send it as `below` for the next page.' })),
    asOf,
    since: time('With `asOf`, the key can be asked for as it was at any time from this on.'),
  },
  {
    $id: 'KeyPage',
    examples: [
      {
        key: 'order-17',
        lane: {
          size: 1,
          first: [
            {
              ...LINE,
              ...{ place: 0, attempt: 2, dueAt: 1_796_000_012_000 },
              attempts: [
                {
                  ...{ attempt: 1, redrive: 0, endedAt: 1_796_000_000_100, outcome: 'failed' },
                  ...{ reason: 'http_503', nextDueAt: 1_796_000_012_000, idleMs: 11_900 },
                },
              ],
            },
          ],
        },
        words: [LINE],
        asOf: 1_796_000_000_400,
        since: SINCE,
      },
    ],
  },
);

const seconds = (what: string) =>
  Type.Array(Type.Integer({ minimum: 0 }), {
    minItems: 60,
    maxItems: 60,
    description: `${what} in each of the last 60 seconds, the oldest first.`,
  });

const NONE = Array.from({ length: 60 }, () => 0);
const SECONDS = NONE.map((_, i) => (i % 3 === 0 ? 4 : 5));
const Summary = Type.Object(
  {
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
  },
  {
    $id: 'Summary',
    examples: [
      {
        ...{ now: 1_796_000_000_500, asOf: 1_796_000_000_400, words: 1_042, untaken: { words: 0 } },
        ...{ lanes: { queued: 1, retrying: 1, parked: 0, redriven: 0 }, dueLagMs: 0 },
        minute: {
          ...{ accepted: SECONDS, verdicts: SECONDS, deadLetters: NONE },
          endToEnd: { p50Ms: 12, p99Ms: 48 },
        },
      },
    ],
  },
);

/** `data` of the event `verdict`. */
const RESULT = {
  ...{ partition: 3, offset: 977, at: 1_796_000_012_050, key: 'order-17', id: ID },
  verdict: {
    ...{ id: ID, word: 'level', accepted: true, attempts: 2 },
    checks: [{ check: 'palindrome', answer: true, detail: null }],
    ...{ submittedAt: 1_796_000_000_000, judgedAt: 1_796_000_012_040, origin: 1041 },
  },
};
export const RESULT_TEXT = `retry: 2000\n\nevent: verdict\ndata: ${JSON.stringify(RESULT)}\n\nid: 12.0.4.978\n\n`;
const Result = Type.Object(
  {
    partition: Type.Integer({ minimum: 0 }),
    offset: count('Its place in `results`.'),
    at: Type.Optional(time('When it was written.')),
    key: Type.Optional(Type.String()),
    id: Type.String({ description: 'ID of the submission.' }),
    verdict: Type.Union([Type.Unsafe(ref('Verdict')), Type.Null()], {
      description: '`null` if it cannot be read.',
    }),
  },
  {
    $id: 'Result',
    description: '`data` of the event `verdict` in the stream of results.',
    examples: [RESULT],
  },
);

/** Who asks. */
const Me = Type.Object(
  {
    principal: Type.String({ description: '`anonymous` without a token.' }),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    open: Type.Boolean({ description: 'No token was needed.' }),
    until: Type.Optional(Type.Integer({ description: 'When the token ends, milliseconds since 1970.' })),
  },
  { $id: 'Me', examples: [{ principal: 'shop', scopes: ['submit', 'read'], open: false }] },
);

/** To be added before the routes. */
export const readShapes = [KeyLine, LaneWord, KeyPage, Summary, Result, Me];
