import Type from 'typebox';
import { DIALECTS } from '@verdikt/operate/dlq/dialects/read.ts';
import { STATUSES } from '@verdikt/operate/dlq/filter.ts';
import { MOST_LETTERS } from '@verdikt/operate/forecast/what-if.ts';

const texts = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 1_024 }), { minItems: 1, maxItems: 1_000, description });
const whole = (description: string, minimum = 0) =>
  Type.Integer({ minimum, maximum: Number.MAX_SAFE_INTEGER, description });
const time = (description: string) => whole(`${description} Milliseconds since 1970, UTC.`);

/** Which dead letters are meant: every field that is given must hold; a list holds when one of its values does. */
export const FilterBody = Type.Object(
  {
    reasons: Type.Optional(texts('Reason codes.')),
    keys: Type.Optional(texts('Keys.')),
    ids: Type.Optional(texts('Submissions.')),
    stages: Type.Optional(texts('Checks that failed.')),
    dialects: Type.Optional(
      Type.Array(Type.Enum([...DIALECTS] as string[]), { minItems: 1, description: 'Who wrote them.' }),
    ),
    dispositions: Type.Optional(Type.Array(Type.Enum(['final', 'parked']), { minItems: 1 })),
    statuses: Type.Optional(
      Type.Array(Type.Enum([...STATUSES]), { minItems: 1, description: 'What has become of them.' }),
    ),
    topics: Type.Optional(texts('Topics that they came from.')),
    places: Type.Optional(
      Type.Array(Type.String({ pattern: '^[0-9]{1,10}:[0-9]{1,16}$' }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'Places, as `partition:offset`.',
      }),
    ),
    partitions: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 100_000 }), { minItems: 1 })),
    originFrom: Type.Optional(whole('Lowest offset in `words`.')),
    originTo: Type.Optional(whole('Highest offset in `words`.')),
    since: Type.Optional(time('Dead-lettered at or after this time.')),
    until: Type.Optional(time('Dead-lettered before this time.')),
  },
  {
    additionalProperties: false,
    description: 'Every field must hold; a list holds if one of its values does.',
  },
);

const UUID = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

const some = {
  filter: Type.Optional(FilterBody),
  ids: Type.Optional(texts('Submissions; the same as `filter.ids`.')),
  all: Type.Optional(
    Type.Boolean({ description: 'All dead letters. Needed if there is neither filter nor ids.' }),
  ),
};
const chosen = {
  ...some,
  dryRun: Type.Optional(Type.Boolean({ description: 'Only say what would be done. It is audited too.' })),
  operation: Type.Optional(
    Type.String({ pattern: UUID, description: 'Resume this operation, or start one with this ID.' }),
  ),
  max: Type.Optional(whole('Maximum number of letters, the oldest of each partition first.', 1)),
  rate: Type.Optional(whole('Maximum number of letters per second.', 1)),
};

export const RedriveBody = Type.Object(
  {
    ...chosen,
    maxRedrives: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000,
        description: 'Letters that were redriven this often are quarantined instead. Default: `maxRedrives`.',
      }),
    ),
    includeQuarantined: Type.Optional(Type.Boolean({ description: 'Also letters that are in quarantine.' })),
    forceUnknownSchema: Type.Optional(
      Type.Boolean({ description: 'Also letters whose schema the registry does not know.' }),
    ),
  },
  {
    $id: 'Redrive',
    additionalProperties: false,
    examples: [
      { filter: { reasons: ['http_503'] }, dryRun: true },
      { ids: ['019a2c1e-7f00-7000-8000-000000000001'] },
      { all: true, rate: 100 },
    ],
  },
);

export const SkipBody = Type.Object(chosen, {
  $id: 'Skip',
  additionalProperties: false,
  examples: [{ filter: { keys: ['order-17'] }, dryRun: true }, { all: true }],
});

export const WhatIfBody = Type.Object(
  {
    ...some,
    allChecks: Type.Optional(
      Type.Boolean({
        description:
          'Also run checks that ask services, and modules. They are told that it is a forecast. Needs `forecastToken`.',
      }),
    ),
    max: Type.Optional(
      Type.Integer({
        ...{ minimum: 1, maximum: MOST_LETTERS },
        description: `Maximum number of letters, the oldest of each partition first. Default ${MOST_LETTERS}.`,
      }),
    ),
  },
  {
    $id: 'WhatIf',
    additionalProperties: false,
    examples: [
      { filter: { reasons: ['http_503'] }, allChecks: true },
      { all: true, max: 100 },
    ],
  },
);

export const ResetBody = Type.Object(
  {
    tasks: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 100_000 }), { minItems: 1, maxItems: 1_000 }),
    ),
    all: Type.Optional(Type.Boolean({ description: 'All tasks.' })),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { $id: 'Reset', additionalProperties: false, examples: [{ tasks: [3] }, { all: true, dryRun: true }] },
);
