import { Type, type Static } from '../config/fields.ts';

const count = (description: string) => Type.Integer({ minimum: 0, description });
const ms = (description: string) => Type.Integer({ minimum: 0, description: `${description} Milliseconds.` });

const lanes = Type.Object({
  records: count('Outstanding records.'),
  keys: count('Keys that have outstanding records.'),
  due: count('Heads that are due and not attempted yet.'),
  overdueMs: ms('How long the first of them has been due; 0: none is.'),
});

const limit = Type.Object({
  state: Type.Enum(['closed', 'open', 'operator'], {
    description:
      '`open`: one held record is tried now and then. `operator`: held until `verdikt dlq reset`, since most are rejects.',
  }),
  held: count('Records whose dead letter is held back.'),
  max: count('Dead letters that are allowed within the window, and again after a reset.'),
});

export const taskStatusSchema = Type.Object({
  task: count('Its partition.'),
  phase: Type.Enum(['fencing', 'restoring', 'running', 'waiting', 'stopped']),
  trouble: Type.Optional(
    Type.Object(
      {
        code: Type.String({ description: 'See docs/reference/errors.md.' }),
        waitsForOperator: Type.Boolean({ description: 'False: it goes on by itself.' }),
        message: Type.String({ description: 'What is wrong, and what to do.' }),
      },
      { description: 'Why the task does not run.' },
    ),
  ),
  lag: Type.Optional(
    count('Records of `words` that it has not read. Only of a task that runs, like all below.'),
  ),
  lanes: Type.Optional(lanes),
  parked: Type.Optional(
    Type.Object({
      keys: count('Keys that wait for an operator.'),
      oldestMs: ms('How long the oldest parked record has waited; 0: none is parked.'),
    }),
  ),
  limit: Type.Optional(limit),
  dedup: Type.Optional(
    Type.Object({
      ids: count('Decided submissions that are remembered.'),
      windowMs: ms('How far back they reach: what is sent again within this time is one submission.'),
    }),
  ),
  intake: Type.Optional(
    Type.Object(
      { reason: Type.String({ description: '`lanes-full`, or the dependency that is awaited.' }) },
      { description: 'Present while the task takes no new words.' },
    ),
  ),
});
export type TaskStatus = Static<typeof taskStatusSchema>;

/** `GET /status` on the management port of a processor. It tells no words and no keys. */
export const statusSchema = Type.Object({
  version: Type.String({ description: 'Of verdikt.' }),
  system: Type.String({ description: 'Its consumer group in Kafka.' }),
  at: Type.Integer({ description: 'When this was written, milliseconds since 1970.' }),
  joined: Type.Boolean({ description: 'It is a member of the group.' }),
  standby: Type.Optional(Type.String({ description: 'While it has no task: who has them.' })),
  refusal: Type.Optional(
    Type.Object(
      { code: Type.String(), message: Type.String() },
      { description: 'Why the group does not take it.' },
    ),
  ),
  grown: Type.Array(Type.Object({ topic: Type.String(), partitions: count('That it has now.') }), {
    description: 'Topics with more partitions than the system uses.',
  }),
  tasks: Type.Array(taskStatusSchema),
  circuits: Type.Optional(
    Type.Array(Type.Object({ check: Type.String(), state: Type.Enum(['closed', 'half-open', 'open']) }), {
      description: 'Of checks that have one.',
    }),
  ),
  memory: Type.Optional(
    Type.Object({
      rssBytes: count('Memory of the process.'),
      limitBytes: count('What it may have, see `memoryLimitMiB`.'),
    }),
  ),
});
export type ProcessorStatus = Static<typeof statusSchema>;

/** The command that ends the wait of a task for an operator. */
export const resetCommand = (task: number): string => `verdikt dlq reset --partition ${task}`;
