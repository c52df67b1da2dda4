import { remedyOf } from '@verdikt/core/service/error-docs.ts';
import { resetCommand, type TaskStatus } from '@verdikt/core/service/processor-status.ts';
import type { StatusFacts, TaskFacts } from './facts.ts';
import type { Asked } from './processors.ts';
import { ago } from '../text/words.ts';
import { count } from '../text/count.ts';

/** Something that stands still until somebody or something else acts. */
export interface Wait {
  readonly for: 'operator' | 'dependency';
  readonly kind: 'parked' | 'stopped' | 'dead-letter-limit' | 'intake' | 'circuit' | 'group' | 'topic';
  /** Undefined: it is not about one task. */
  readonly task?: number;
  readonly code?: string;
  readonly what: string;
  /** What to do; undefined: nothing, for it goes on by itself. */
  readonly remedy?: string;
}

const REMEDY = 'the message says what to do; see docs/reference/errors.md';
const remedy = (code: string): string => remedyOf(code) ?? REMEDY;
const keys = (n: number): string => count(n, 'key is', 'keys are');
const MOST_REASONS = 3;

/** The most frequent reasons, each with how often it occurs. */
const reasons = (by: ReadonlyMap<string, number>): string => {
  const named = [...by].filter(([reason]) => reason !== '').sort(([, a], [, b]) => b - a);
  const shown = named.slice(0, MOST_REASONS).map(([reason, n]) => `${reason} (${n})`);
  if (shown.length === 0) return '';
  return `: ${shown.join(', ')}${named.length > shown.length ? ' and others' : ''}`;
};

interface WaitFacts extends Omit<StatusFacts, 'tasks' | 'now'> {
  /** What was not looked at is not known. */
  readonly tasks: readonly LookedTask[];
}
type LookedTask = Pick<TaskFacts, 'task'> & Partial<Pick<TaskFacts, 'lanes' | 'stop'>>;

/** What waits, by Kafka alone and by what the processors say of themselves. */
export const waitsOf = (f: WaitFacts): Wait[] => {
  const owners = ownersOf(f.processors);
  return [
    ...groupWaits(f),
    ...f.tasks.flatMap((t) => [
      ...stopped(t, owners.get(t.task)),
      ...parked(t, owners.get(t.task)),
      ...limited(t.task, owners.get(t.task)),
    ]),
    ...f.processors.flatMap(processWaits),
  ];
};

/** What the processor that has a task says of it. One that runs it knows better than one that tries. */
export const ownersOf = (processors: readonly Asked[]): Map<number, TaskStatus> => {
  const owners = new Map<number, TaskStatus>();
  for (const p of processors)
    for (const t of p.status?.tasks ?? [])
      if (t.phase === 'running' || owners.get(t.task)?.phase !== 'running') owners.set(t.task, t);
  return owners;
};

const groupWaits = ({ group, system, tasks, processors }: WaitFacts): Wait[] => {
  const about = (what: string, todo: string, code?: string): Wait => ({
    ...{ for: 'operator', kind: 'group', what, remedy: todo },
    ...(code === undefined ? {} : { code }),
  });
  const refused = processors.flatMap((p) => {
    const refusal = p.status?.refusal;
    return refusal === undefined
      ? []
      : [about(`${p.url}: ${refusal.message}`, remedy(refusal.code), refusal.code)];
  });
  if (group.foreign)
    return [
      about(`${system} belongs to other consumers (${group.protocol})`, 'choose another VERDIKT_GROUP'),
      ...refused,
    ];
  if (group.members.length === 0)
    return [about(`${system} has no members, so nobody works`, 'start processors'), ...refused];
  const owned = new Set(group.members.flatMap((m) => m.tasks));
  const free = tasks.filter(({ task }) => !owned.has(task)).map(({ task }) => task);
  if (group.state !== 'Stable' || free.length === 0) return refused;
  return [
    about(`no member owns ${free.join(', ')}`, 'give all processors the same VERDIKT_PARTITIONS'),
    ...refused,
  ];
};

const stopped = (t: LookedTask, owner: TaskStatus | undefined): Wait[] => {
  const trouble = owner?.trouble;
  const at = { kind: 'stopped', task: t.task } as const;
  if (trouble?.waitsForOperator === true)
    return [
      { ...at, for: 'operator', code: trouble.code, what: trouble.message, remedy: remedy(trouble.code) },
    ];
  if (t.stop !== undefined)
    return [{ ...at, for: 'operator', code: t.stop.code, what: t.stop.message, remedy: remedy(t.stop.code) }];
  return trouble === undefined
    ? []
    : [{ ...at, for: 'dependency', code: trouble.code, what: trouble.message }];
};

const parked = ({ task, lanes }: LookedTask, owner: TaskStatus | undefined): Wait[] => {
  const { parked: told } = owner ?? {};
  const known = lanes ?? (told && { parkedKeys: told.keys, parkedMs: told.oldestMs, parkedFor: new Map() });
  if (known === undefined || known.parkedKeys === 0) return [];
  return [
    {
      ...{ for: 'operator', kind: 'parked', task },
      what: `${keys(known.parkedKeys)} parked, the oldest for ${ago(known.parkedMs)}${reasons(known.parkedFor)}`,
      remedy: `look with \`verdikt dlq list --status parked --partition ${task}\`, then \`verdikt dlq redrive\` or \`verdikt dlq skip\` with the same options`,
    },
  ];
};

const limited = (task: number, owner: TaskStatus | undefined): Wait[] => {
  const limit = owner?.limit;
  const intake: Wait[] =
    owner?.intake === undefined
      ? []
      : [{ for: 'dependency', kind: 'intake', task, what: `no new words are taken: ${owner.intake.reason}` }];
  if (limit === undefined || limit.state === 'closed') return intake;
  const at = { kind: 'dead-letter-limit', task, code: 'DEAD_LETTER_LIMIT' } as const;
  const held = `${count(limit.held, 'dead letter is', 'dead letters are')} held back`;
  if (limit.state === 'open')
    return [{ ...at, for: 'dependency', what: `${held}; one record is tried now and then` }, ...intake];
  return [
    {
      ...{ ...at, for: 'operator', what: `${held}, for most are rejects, which waiting does not fix` },
      remedy: `once the cause is fixed, \`${resetCommand(task)}\`: the held records are attempted again at once, and up to ${limit.max} of them may become dead letters within the window`,
    },
    ...intake,
  ];
};

const processWaits = ({ url, status }: Asked): Wait[] => [
  ...(status?.circuits ?? []).flatMap(({ check, state }): Wait[] =>
    state === 'closed'
      ? []
      : [{ for: 'dependency', kind: 'circuit', what: `${url}: the circuit of check ${check} is ${state}` }],
  ),
  ...(status?.grown ?? []).map(({ topic, partitions }): Wait => ({
    ...{ for: 'operator', kind: 'topic', code: 'TOPIC_CHANGED' },
    what: `${topic} has ${count(partitions, 'partition')}, more than the system uses; nobody reads the new ones`,
    remedy: 'see docs/how-to/add-partitions.md',
  })),
];
