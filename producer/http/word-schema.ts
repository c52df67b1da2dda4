import Type from 'typebox';
import { STATES } from '../view/life.ts';

export const time = (description: string) =>
  Type.Integer({ description: `${description} Milliseconds since 1970, UTC.` });
const text = (description: string) => Type.String({ description });
export const count = (description: string) => Type.Integer({ minimum: 0, description });

/** How long a request may wait. */
export const preferWait = Type.Optional(
  Type.String({
    description:
      '`wait=N`: wait up to N seconds for the outcome, at most 30 (RFC 7240). Other preferences are ignored. The answer says `Preference-Applied` if it was waited for.',
  }),
);
export const waitQuery = Type.Object({
  wait: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,6}(s|ms)?$',
      description: 'The same as `Prefer: wait`, for example `5s`.',
    }),
  ),
});

export const state = Type.Enum([...STATES], {
  description:
    '`accepted`: stored, and not read by a processor yet. `queued`: in its lane, not attempted yet. `retrying`: an attempt has failed, the next is due. `parked`: waits for an operator. `redriven`: an operator has put it back. `verdict`, `dead-lettered`: the outcome. `unknown`: a processor has read it, and what came of it is not known until it is decided.',
});
export const asOf = time('Everything written before this is in the answer.');

export const Verdict = Type.Object(
  {
    id: Type.String(),
    word: Type.String(),
    accepted: Type.Boolean({ description: 'True if every check answered true.' }),
    checks: Type.Array(
      Type.Object({
        check: Type.String(),
        answer: Type.Boolean(),
        detail: Type.Union([Type.String(), Type.Null()]),
      }),
    ),
    attempts: count('Attempts made.'),
    submittedAt: time('When the edge accepted it.'),
    judgedAt: time('When its checks were done.'),
    origin: count('Offset in `words`.'),
  },
  { $id: 'Verdict', description: 'As in the topic `results`.' },
);

export const Attempt = Type.Object(
  {
    attempt: count('Counts from 1.'),
    redrive: count('How often the word had been redriven.'),
    endedAt: time('When it ended, as written.'),
    outcome: Type.Enum(['failed', 'passed', 'given-up']),
    reason: Type.Optional(text('Reason code of the failure.')),
    nextDueAt: Type.Optional(time('When the next attempt is due.')),
    idleMs: Type.Optional(count('From its end until then.')),
  },
  { $id: 'Attempt' },
);

/** One of its journey. */
export const Step = Type.Object(
  {
    what: Type.Enum([...STATES, 'skipped']),
    at: Type.Optional(time('When the record was written.')),
    topic: Type.Optional(text('Topic of the record.')),
    partition: Type.Optional(Type.Integer({ minimum: 0 })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    redrive: count('How often the word had been redriven.'),
    attempt: Type.Optional(count('The next attempt, or how many were made.')),
    dueAt: Type.Optional(time('When the next attempt is due.')),
    reason: Type.Optional(text('Reason code.')),
    error: Type.Optional(text('Explanation for people.')),
    stage: Type.Optional(text('The check that failed.')),
    by: Type.Optional(text('Operator, as the tool reported it.')),
    producerId: Type.Optional(
      text(
        'Of an outcome: the identity at the broker of the processor that wrote it, in digits. Read from Kafka by the view.',
      ),
    ),
    producerEpoch: Type.Optional(count('Its epoch: how often that identity was taken over.')),
  },
  { $id: 'Step' },
);

const EXAMPLE = {
  id: '019a2c1e-7f00-7000-8000-000000000001',
  key: 'order-17',
  state: 'retrying',
  reason: 'waits behind 019a2c1e-7e00-7000-8000-000000000001, attempt 3 due in 12 s: http_503; 1 ahead',
  partition: 3,
  origin: 1041,
  redrive: 0,
  submittedAt: 1_796_000_000_000,
  attempt: 2,
  dueAt: 1_796_000_012_000,
  behind: { id: '019a2c1e-7e00-7000-8000-000000000001', ahead: 1 },
  attempts: [
    {
      attempt: 1,
      redrive: 0,
      endedAt: 1_796_000_000_100,
      outcome: 'failed',
      reason: 'http_503',
      nextDueAt: 1_796_000_012_000,
      idleMs: 11_900,
    },
  ],
  receipt: [
    { what: 'accepted', at: 1_796_000_000_000, redrive: 0, topic: 'words', partition: 3, offset: 1041 },
    {
      what: 'retrying',
      at: 1_796_000_000_100,
      redrive: 0,
      attempt: 2,
      dueAt: 1_796_000_012_000,
      reason: 'http_503',
      topic: 'words.retry.verdikt',
      partition: 3,
      offset: 88,
    },
  ],
  ends: 0,
  asOf: 1_796_000_000_400,
};

const { behind: _behind, attempt: _attempt, dueAt: _dueAt, ...FACTS } = EXAMPLE;
export const DONE = {
  ...FACTS,
  state: 'verdict',
  reason: 'accepted after attempt 2',
  verdict: {
    ...{ id: EXAMPLE.id, word: 'level', accepted: true, attempts: 2 },
    checks: [{ check: 'palindrome', answer: true, detail: null }],
    ...{ submittedAt: EXAMPLE.submittedAt, judgedAt: 1_796_000_012_040, origin: 1041 },
  },
  ends: 1,
  asOf: 1_796_000_012_100,
};

/** What is known of one submission. */
export const Word = Type.Object(
  {
    id: Type.String({ description: 'ID of the submission.' }),
    key: Type.Optional(Type.String()),
    state,
    reason: Type.String({ description: 'Why, in one sentence for people. May change.' }),
    seen: Type.Optional(Type.Literal(false, { description: 'The view has not come to it yet.' })),
    partition: Type.Optional(Type.Integer({ minimum: 0 })),
    origin: Type.Optional(count('Offset in `words`: its place in the order of its key.')),
    redrive: Type.Optional(count('How often it was redriven.')),
    submittedAt: Type.Optional(time('When the edge accepted it.')),
    attempt: Type.Optional(count('The attempt that runs next.')),
    dueAt: Type.Optional(time('When it is due.')),
    behind: Type.Optional(
      Type.Object({
        id: text('The first word of its key that has no outcome.'),
        ahead: count('How many are before it.'),
      }),
    ),
    verdict: Type.Optional(Type.Unsafe<object>({ $ref: 'Verdict#' })),
    attempts: Type.Optional(Type.Array(Type.Unsafe({ $ref: 'Attempt#' }))),
    receipt: Type.Optional(
      Type.Array(Type.Unsafe({ $ref: 'Step#' }), {
        description: 'Each step, and the record in Kafka that proves it.',
      }),
    ),
    stepsLeftOut: Type.Optional(count('Steps that did not fit.')),
    ends: Type.Optional(count('Outcomes under this ID in the view. More than 1 if it was evaluated again.')),
    asOf: Type.Optional(asOf),
  },
  { $id: 'Word', examples: [EXAMPLE, DONE] },
);
