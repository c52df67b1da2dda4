import Type from 'typebox';
import { error, json, ref, retryAfter } from './answers.ts';
import { RedriveBody, ResetBody, SkipBody, WhatIfBody } from './operator-schema.ts';
import {
  count,
  time,
  text,
  cli,
  counts,
  refusals,
  none,
  ofBody,
  orNull,
  LETTER,
  OPERATION_ID,
  limit,
} from './operator-parts.ts';

const operationFields = {
  operation: text('Its ID; needed to resume it.'),
  action: Type.Enum(['redrive', 'skip']),
  state: Type.Enum(['running', 'done', 'failed', 'unknown'], {
    description:
      '`unknown`: another edge or tool has begun it, and its end is not noted. Resume it with its ID. `done`: every letter has a result, or the tasks have fallen silent (`unanswered`).',
  }),
  by: text('Who began it.'),
  startedAt: time('When it began.'),
  endedAt: Type.Optional(time('When it ended.')),
  counts: counts('Letters by result: `selected`, `applied`, `stale`, `refused`, `unanswered` and others.'),
  reasons: counts('Reasons that tasks gave, with how often.'),
  error: Type.Optional(Type.Object({ code: Type.String(), message: Type.String() })),
  cli,
};
const Operation = Type.Object(operationFields, {
  $id: 'Operation',
  examples: [
    {
      ...{ operation: OPERATION_ID, action: 'redrive', state: 'done', by: 'ops' },
      ...{ startedAt: 1_796_000_100_000, endedAt: 1_796_000_100_900 },
      ...{ counts: { selected: 41, applied: 41 }, reasons: {} },
      cli: 'verdikt dlq redrive --reason http_503',
    },
  ],
});
const DryRun = Type.Object(
  {
    operation: Type.String(),
    action: Type.Enum(['redrive', 'skip']),
    dryRun: Type.Literal(true),
    counts: counts(
      '`selected`: admitted by the filter. `send`: would be written. Others would not, and why.',
    ),
    letters: Type.Array(Type.Unsafe(ref('Letter')), {
      description: 'The first 100, in the order in which they would leave.',
    }),
    more: count('How many more there are.'),
    cli,
    whatIf: Type.Optional(
      text('Of a redrive: the command that runs the chain over these letters, and writes nothing.'),
    ),
  },
  {
    $id: 'DryRun',
    examples: [
      {
        ...{ operation: OPERATION_ID, action: 'redrive', dryRun: true, counts: { selected: 1, send: 1 } },
        ...{ letters: [LETTER], more: 0, cli: 'verdikt dlq redrive --reason http_503 --dry-run' },
        whatIf: 'verdikt dlq what-if --reason http_503',
      },
    ],
  },
);

const forecastCounts = Type.Object({
  selected: count('Letters that were asked about.'),
  pass: count('They would get a verdict.'),
  fail: count('Their first attempt would fail again.'),
  unknown: count('The chain could not be asked to its end.'),
  followersFreed: count('Records behind parked keys whose head would pass.'),
});
const Forecast = Type.Object(
  {
    summary: text('The forecast in one sentence.'),
    counts: forecastCounts,
    checks: Type.Array(Type.String(), { description: 'Checks that were run, in order.' }),
    notRun: orNull(
      text('The first check that was not run, nor what follows, since `allChecks` was not given.'),
    ),
    letters: Type.Array(
      Type.Object({
        partition: Type.Integer({ minimum: 0 }),
        offset: Type.Integer({ minimum: 0 }),
        id: orNull(text('ID of the submission.')),
        key: orNull(text('The key; `***` without the scope `read:text`.')),
        followers: count('Of a parked key: records that wait behind it.'),
        outcome: Type.Enum(['pass', 'fail', 'unknown']),
        accepted: Type.Optional(
          Type.Boolean({ description: 'Of `pass`: whether its verdict would accept the word.' }),
        ),
        reason: Type.Optional(text('Of the others: reason code.')),
        stage: Type.Optional(text('Of the others: the check. May be empty.')),
        detail: Type.Optional(text('Of the others: in the words of the check.')),
      }),
    ),
    more: count('Letters that were left out, by `max` or for lack of time.'),
    cli: text('The command that does the same. It needs the chain of the processors (`--chain`).'),
  },
  {
    $id: 'Forecast',
    examples: [
      {
        summary:
          'Forecast for 2 dead letters: 1 would pass, 1 would fail again, 4 followers freed. Nothing was written.',
        counts: { selected: 2, pass: 1, fail: 1, unknown: 0, followersFreed: 4 },
        ...{ checks: ['palindrome', 'http'], notRun: null },
        letters: [
          {
            ...{ partition: 3, offset: 1042, id: LETTER.id, key: 'order-17', followers: 4 },
            ...{ outcome: 'pass', accepted: true },
          },
          {
            ...{ partition: 5, offset: 77, id: null, key: null, followers: 0, outcome: 'fail' },
            ...{ reason: 'http-5xx', stage: 'http', detail: 'status 503' },
          },
        ],
        ...{ more: 0, cli: 'verdikt dlq what-if --reason http_503 --all-checks' },
      },
    ],
  },
);

const body = (schema: object) => ({ required: true, content: { 'application/json': { schema } } });
const waits = Type.Object({
  wait: Type.Optional(
    Type.String({
      pattern: '^[0-9]{1,6}(s|ms)?$',
      description: 'How long to wait for the end, at most 30 s; default 2 s. The same as `Prefer: wait`.',
    }),
  ),
});
const acting = (what: string, schema: object) => ({
  description: `${what} Say which letters: \`filter\`, \`ids\`, or \`all\`. The operation is fixed when it begins: letters that fail again meanwhile do not belong to it. It runs on this edge until every letter has a result; if the edge stops, resume it anywhere by its ID. Both ends are audited.`,
  querystring: waits,
  body: body(schema),
  response: {
    200: json(
      'It has ended; or what a dry run found.',
      Type.Union([Type.Unsafe(ref('Operation')), Type.Unsafe(ref('DryRun'))]),
    ),
    202: json('It runs.', ref('Operation'), {
      Location: { schema: { type: 'string' }, description: 'Where to ask how it goes on.' },
    }),
    ...refusals,
    ...ofBody,
  },
});

const ResetAnswer = Type.Object(
  {
    operation: Type.Optional(Type.String()),
    dryRun: Type.Optional(Type.Literal(true)),
    tasks: Type.Record(Type.String(), Type.String(), {
      description:
        'By task: `applied`; `stale`: its limit was closed already; `unanswered`; `would-reset` of a dry run.',
    }),
    cli,
  },
  {
    $id: 'ResetAnswer',
    examples: [{ operation: OPERATION_ID, tasks: { 3: 'applied' }, cli: 'verdikt dlq reset --partition 3' }],
  },
);

const Audits = Type.Object(
  {
    audits: Type.Array(
      Type.Object({
        operation: Type.String(),
        at: time('When.'),
        by: text('Who: the client of the edge, or the user of the command line.'),
        action: text('For example `redrive-begin`, `skip-end`, `reset`, `dry-run`.'),
        filter: text('What was asked for.'),
        counts: counts('Letters or tasks by result.'),
      }),
    ),
    complete: Type.Boolean({ description: 'False: there are older ones.' }),
    cli,
  },
  {
    $id: 'Audits',
    examples: [
      {
        audits: [
          {
            ...{ operation: OPERATION_ID, at: 1_796_000_100_900, by: 'ops', action: 'redrive-end' },
            ...{ filter: 'reasons=http_503', counts: { selected: 41, applied: 41 } },
          },
        ],
        ...{ complete: true, cli: 'verdikt dlq history' },
      },
    ],
  },
);

/** To be added before the routes. */
export const actShapes = [
  ...[Operation, DryRun, RedriveBody, SkipBody, WhatIfBody, Forecast],
  ...[ResetBody, ResetAnswer, Audits],
];

/** Contracts of the routes that act, and of what is noted of it. */
export const actSchemas = {
  redrive: {
    operationId: 'redriveDeadLetters',
    summary: 'Return dead letters to processing, in order per key',
    ...acting('As `verdikt dlq redrive`.', ref('Redrive')),
  },
  skip: {
    operationId: 'skipDeadLetters',
    summary: 'Abandon parked records and unblock their keys',
    ...acting('As `verdikt dlq skip`.', ref('Skip')),
  },
  whatIf: {
    operationId: 'forecastDeadLetters',
    summary: 'Forecast a redrive: run the chain of today over dead letters, and write nothing',
    description:
      'A running processor is asked, since it has the chain. Say which letters: `filter`, `ids`, or `all`; those that a redrive would take are asked about, each alone. Not audited. An edge makes one forecast at a time, and asks about letters for 30 s at most. As `verdikt dlq what-if`.',
    body: body(ref('WhatIf')),
    response: {
      200: json('The forecast.', ref('Forecast')),
      ...refusals,
      503: error(
        'No processor makes a forecast, and `detail` says why of each (`PROCESSORS_AWAY`); Kafka does not answer, or another forecast is being made (`OPERATORS_AWAY`); or the edge stops.',
        ['PROCESSORS_AWAY', 'OPERATORS_AWAY', 'STOPPING'],
        { headers: retryAfter },
      ),
      ...ofBody,
    },
  },
  reset: {
    operationId: 'resetDeadLetterLimits',
    summary: 'Close the dead-letter limit of tasks that wait for an operator',
    description: 'Waits up to 20 s for the answers of the tasks. Audited. As `verdikt dlq reset`.',
    body: body(ref('Reset')),
    response: {
      200: json('The answers.', ref('ResetAnswer')),
      ...refusals,
      ...ofBody,
    },
  },
  operation: {
    operationId: 'getOperation',
    summary: 'How a redrive or skip stands',
    description:
      'With progress on the edge that runs it. Others know what is audited: that it began, and how it ended.',
    params: Type.Object({
      operation: Type.String({ description: 'ID of the operation.', examples: [OPERATION_ID] }),
    }),
    response: { 200: json('Its state.', ref('Operation')), ...none, ...refusals },
  },
  audit: {
    operationId: 'listAudits',
    summary: 'Who did what, the newest first',
    description:
      'What tools and edges note in the control topic: the beginning and the end of each operation, resets, and dry runs. As `verdikt dlq history`.',
    querystring: Type.Object({ limit }),
    response: {
      200: json('The latest.', ref('Audits')),
      ...refusals,
    },
  },
} as const;
