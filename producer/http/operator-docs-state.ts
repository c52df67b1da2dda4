import Type from 'typebox';
import { json, ref } from './answers.ts';
import { count, time, text, orNull, cli, refusals, LETTER, limit } from './operator-parts.ts';

const owner = Type.Object({ member: Type.String(), host: Type.String() });
const TaskRow = Type.Object({
  task: count('Its partition.'),
  owner: orNull(owner),
  phase: orNull(text('`fencing`, `restoring`, `running`, `waiting` or `stopped`, as its owner says.')),
  committed: orNull(count('Offset of `words` that is committed.')),
  lag: count('Records of `words` that are not committed.'),
  records: orNull(count('Outstanding records.')),
  lanes: orNull(count('Keys that have outstanding records.')),
  due: orNull(count('Heads that are due.')),
  overdueMs: orNull(count('How long the first of them has been due.')),
  parkedKeys: orNull(count('Keys that wait for an operator.')),
  limit: orNull(Type.Object({ state: Type.String(), held: Type.Integer() })),
  dedup: orNull(Type.Object({ ids: Type.Integer(), windowMs: Type.Integer() })),
});
const ProcessorRow = Type.Object({
  url: orNull(Type.String()),
  member: Type.String(),
  reachable: Type.Boolean(),
  problem: orNull(text('Why it could not be asked.')),
  tasks: Type.Array(Type.Integer()),
  standby: orNull(Type.String()),
  circuits: Type.Array(Type.Object({ check: Type.String(), state: Type.String() })),
  memory: orNull(Type.Object({ rssBytes: Type.Integer(), limitBytes: Type.Integer() })),
});
const Wait = Type.Object({
  for: Type.Enum(['operator', 'dependency']),
  kind: Type.String(),
  task: Type.Optional(Type.Integer()),
  code: Type.Optional(Type.String()),
  what: Type.String(),
  remedy: Type.Optional(Type.String()),
});

const ParkedKeys = Type.Object(
  {
    keys: Type.Array(
      Type.Object({
        key: orNull(text('`***` without the scope `read:text`.')),
        task: count('Its partition.'),
        head: Type.Object({
          id: orNull(text('The parked submission.')),
          origin: count('Its offset in `words`.'),
          redrive: count('How often it was redriven.'),
          offset: count('Of its entry in the retry topic.'),
          parkedAt: time('Since when.'),
          reason: text('Reason code.'),
        }),
        followers: count('Records of the key that wait behind it.'),
        cli: Type.Optional(Type.Object({ redrive: cli, skip: cli })),
      }),
    ),
    total: count('Parked keys.'),
    next: Type.Optional(Type.Integer({ description: 'Send it as `from`. Absent: that was all.' })),
    unknown: Type.Array(Type.Integer(), {
      description: 'Tasks whose logs are not as they should be.',
    }),
    at: time('When it was read.'),
    cli,
  },
  {
    $id: 'ParkedKeys',
    examples: [
      {
        keys: [
          {
            ...{ key: 'order-17', task: 3, followers: 4 },
            head: {
              ...{ id: LETTER.id, origin: 1041, redrive: 0, offset: 88 },
              ...{ parkedAt: 1_796_000_000_400, reason: 'http_503' },
            },
            cli: {
              redrive: `verdikt dlq redrive --status parked --id ${LETTER.id}`,
              skip: `verdikt dlq skip --status parked --id ${LETTER.id}`,
            },
          },
        ],
        ...{ total: 1, unknown: [], at: 1_796_000_100_000, cli: 'verdikt dlq list --status parked' },
      },
    ],
  },
);

const Tasks = Type.Object(
  {
    system: text('Its consumer group in Kafka.'),
    at: time('When it was read.'),
    group: Type.Object({ state: Type.String(), members: Type.Integer() }),
    tasks: Type.Array(TaskRow),
    processors: Type.Array(ProcessorRow),
    waits: Type.Array(Wait, {
      description: 'What stands still until somebody or something else acts.',
    }),
    unknown: Type.Array(Type.Integer(), {
      description: 'Tasks of which no processor could be asked.',
    }),
    cli,
  },
  {
    $id: 'Tasks',
    examples: [
      {
        ...{ system: 'words/verdikt', at: 1_796_000_000_000, group: { state: 'Stable', members: 1 } },
        tasks: [
          {
            ...{ task: 0, owner: { member: 'verdikt-1', host: '10.0.0.3' }, phase: 'running' },
            ...{ committed: 1042, lag: 0, records: 5, lanes: 1, due: 0, overdueMs: 0, parkedKeys: 1 },
            ...{ limit: { state: 'closed', held: 0 }, dedup: { ids: 12, windowMs: 600_000 } },
          },
        ],
        processors: [
          {
            ...{ url: 'http://10.0.0.3:9464', member: 'verdikt-1', reachable: true, problem: null },
            ...{ tasks: [0], standby: null, circuits: [{ check: 'http', state: 'closed' }] },
            memory: { rssBytes: 120_000_000, limitBytes: 268_435_456 },
          },
        ],
        waits: [
          {
            for: 'operator',
            kind: 'parked',
            task: 0,
            what: '1 key is parked',
            remedy: 'redrive or skip it',
          },
        ],
        ...{ unknown: [], cli: 'verdikt status --json' },
      },
    ],
  },
);

/** To be added before the routes. */
export const stateShapes = [ParkedKeys, Tasks];

/** Contracts of the routes that show what waits. */
export const stateSchemas = {
  parked: {
    operationId: 'listParkedKeys',
    summary: 'Keys that wait for an operator',
    description:
      'Those that have waited longest first, with the record at their head, from the retry topic. The answer is at most 2 s old. Their dead letters: `verdikt dlq list --status parked`.',
    querystring: Type.Object({
      limit,
      from: Type.Optional(
        Type.String({ pattern: '^[0-9]{1,8}$', description: '`next` of the page before.' }),
      ),
    }),
    response: {
      200: json('One page.', ref('ParkedKeys')),
      ...refusals,
    },
  },
  tasks: {
    operationId: 'getTasks',
    summary: 'What each task does, and what waits and why',
    description: 'At most 2 s old. `null`: nobody who knows could be asked. As `verdikt status --json`.',
    response: {
      200: json('The state of the system.', ref('Tasks')),
      ...refusals,
    },
  },
} as const;
