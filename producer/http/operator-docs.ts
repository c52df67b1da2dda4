import Type from 'typebox';
import { json, ref } from './answers.ts';
import {
  count,
  time,
  text,
  orNull,
  cli,
  counts,
  refusals,
  none,
  letterFields,
  Letter,
  LETTER,
  filterQuery,
  limit,
} from './operator-parts.ts';

const place = Type.Object({
  partition: Type.String({
    pattern: '^[0-9]{1,6}$',
    description: 'Of the dead-letter topic.',
    examples: ['3'],
  }),
  offset: Type.String({ pattern: '^[0-9]{1,15}$', description: 'Of the dead letter.', examples: ['1042'] }),
});

const LetterPage = Type.Object(
  {
    letters: Type.Array(Type.Unsafe(ref('Letter'))),
    next: Type.Optional(text('Send it as `from`. Absent: that was all.')),
    cli,
  },
  {
    $id: 'LetterPage',
    examples: [{ letters: [LETTER], next: '3.1043', cli: 'verdikt dlq list --reason http_503' }],
  },
);

const LetterGroups = Type.Object(
  {
    groups: Type.Array(
      Type.Object({
        reason: text('Reason code; `(others)` beyond 200 of them.'),
        count: count('Dead letters.'),
        statuses: counts('By status.'),
        stages: counts('By the check that failed.'),
        oldest: time('When the first was dead-lettered.'),
        newest: time('When the last was dead-lettered.'),
        example: Type.Object({
          partition: Type.Integer(),
          offset: Type.Integer(),
          id: orNull(Type.String()),
          error: Type.String(),
        }),
      }),
    ),
    total: count('Dead letters that were counted.'),
    complete: Type.Boolean({ description: 'False: there are more than could be read in 15 s.' }),
    cli,
  },
  {
    $id: 'LetterGroups',
    examples: [
      {
        groups: [
          {
            ...{ reason: 'http_503', count: 41, statuses: { parked: 41 }, stages: { http: 41 } },
            ...{ oldest: 1_796_000_000_400, newest: 1_796_000_060_000 },
            example: { partition: 3, offset: 1042, id: LETTER.id, error: 'status 503' },
          },
        ],
        ...{ total: 41, complete: true, cli: 'verdikt dlq list --histogram' },
      },
    ],
  },
);

const LetterShown = Type.Object(
  {
    ...letterFields,
    where: text('Where it is now, in one sentence.'),
    answer: orNull(Type.Object({}, { additionalProperties: true })),
    original: Type.Unsafe({
      description: 'As above; of a stub, whether the original is still there: `found` or `gone`.',
    }),
    payload: Type.Object({
      format: Type.Enum(['avro', 'json', 'text', 'hex', 'empty', 'hidden']),
      content: Type.Unsafe({ description: 'By fields, as text, or in hexadecimal.' }),
      note: Type.String(),
    }),
    headers: Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 2 })),
    cli,
  },
  {
    $id: 'LetterShown',
    examples: [
      {
        ...LETTER,
        ...{ where: 'at the head of its key, which waits for redrive or skip', answer: null },
        payload: { format: 'avro', content: { word: 'level' }, note: 'schema 1' },
        headers: [['id', LETTER.id]],
        cli: 'verdikt dlq show 3:1042',
      },
    ],
  },
);

/** To be added before the routes. */
export const letterShapes = [Letter, LetterPage, LetterGroups, LetterShown];

/** Contracts of the routes that show dead letters. */
export const letterSchemas = {
  list: {
    operationId: 'listDeadLetters',
    summary: 'Dead letters, one page',
    description:
      'In the order of partition and offset. A page may be short although there is a `next`: it ends after a few seconds. As `verdikt dlq list`.',
    querystring: Type.Object({
      ...filterQuery,
      limit,
      from: Type.Optional(
        Type.String({ pattern: '^[0-9]{1,5}\\.[0-9]{1,15}$', description: '`next` of the page before.' }),
      ),
    }),
    response: {
      200: json('One page.', ref('LetterPage')),
      ...refusals,
    },
  },
  groups: {
    operationId: 'groupDeadLetters',
    summary: 'Dead letters by reason',
    description: 'The most frequent reason first. As `verdikt dlq list --histogram`.',
    querystring: Type.Object(filterQuery),
    response: {
      200: json('The groups.', ref('LetterGroups')),
      ...refusals,
    },
  },
  show: {
    operationId: 'getDeadLetter',
    summary: 'Everything about one dead letter',
    description: 'Without the scope `read:text`, words and keys in it are `***`. As `verdikt dlq show`.',
    params: place,
    response: {
      200: json('The letter.', ref('LetterShown')),
      ...none,
      ...refusals,
    },
  },
} as const;
