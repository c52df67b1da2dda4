import { oneLine } from '@verdikt/core/record/safe-text.ts';
import type { StatusReport } from './report.ts';
import { ago, mib } from '../text/words.ts';
import { count } from '../text/count.ts';

/** Rows that fit one screen beside the rest. */
const MOST_ROWS = 24;
const HEAD = [
  'task',
  'owner',
  'phase',
  'lag',
  'records',
  'keys',
  'due',
  'overdue',
  'parked',
  'limit',
  'dedup',
];
type Task = StatusReport['tasks'][number];

const known = (n: number | null): string => (n === null ? '?' : n.toLocaleString('en'));
const time = (ms: number | null): string => (ms === null ? '?' : ms === 0 ? '-' : ago(ms));

const cells = (t: Task): string[] => [
  ...[
    String(t.task),
    t.owner === null ? 'nobody' : `${t.owner.member.slice(0, 16)}@${t.owner.host}`,
    t.phase ?? '?',
  ],
  ...[known(t.lag), known(t.records), known(t.lanes), known(t.due), time(t.overdueMs), known(t.parkedKeys)],
  ...[t.limit?.state ?? '?', t.dedup === null ? '?' : `${known(t.dedup.ids)} in ${ago(t.dedup.windowMs)}`],
];

/** A task of which there is nothing to say. */
const calm = (t: Task): boolean =>
  t.owner !== null && t.phase === 'running' && t.lag === 0 && t.records === 0 && t.limit?.state === 'closed';

const aligned = (rows: readonly (readonly string[])[]): string[] => {
  const wide = rows[0]?.map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  return rows.map((r) =>
    r
      .map((cell, i) => cell.padEnd(wide?.[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
};

const taskLines = (tasks: readonly Task[]): string[] => {
  const shown = tasks.length <= MOST_ROWS ? tasks : tasks.filter((t) => !calm(t)).slice(0, MOST_ROWS);
  const left = tasks.length - shown.length;
  const calmLeft = left === tasks.filter(calm).length ? ', all at rest' : '';
  return [
    ...aligned([HEAD, ...shown.map(cells)]),
    ...(left === 0 ? [] : [`and ${left} more${calmLeft}; --json lists all`]),
  ];
};

const processorLine = (p: StatusReport['processors'][number]): string => {
  const who = p.url ?? p.member;
  if (!p.reachable) return `  ${who}  ${p.problem}`;
  const memory = p.memory === null ? [] : [`${mib(p.memory.rssBytes)} of ${mib(p.memory.limitBytes)}`];
  const tasks = p.standby ?? `tasks ${p.tasks.join(', ')}`;
  return `  ${[who, tasks, ...memory, ...p.circuits.map((c) => `${c.check} ${c.state}`)].join('  ')}`;
};

const waitLines = (title: string, waits: StatusReport['waits']): string[] =>
  waits.length === 0
    ? []
    : [
        title,
        ...waits.flatMap(({ task, code, what, remedy }) => [
          `  ${task === undefined ? '' : `task ${task}: `}${code === undefined ? '' : `${code}: `}${what}`,
          ...(remedy === undefined ? [] : [`    → ${remedy}`]),
        ]),
      ];

/** One screen for people. */
export const statusText = (r: StatusReport): string => {
  const operator = r.waits.filter((w) => w.for === 'operator');
  const dependency = r.waits.filter((w) => w.for === 'dependency');
  const unknown =
    r.unknown.length === 0
      ? []
      : [
          `not known, since their processor could not be asked: phase, limit, circuits, dedup window and memory of ${r.unknown.join(', ')}; name its management port with --processor`,
        ];
  return [
    `${r.system}: ${count(r.tasks.length, 'task')}, ${count(r.group.members, 'processor')}, ${r.group.state}`,
    ...taskLines(r.tasks),
    'processors',
    ...(r.processors.length === 0 ? ['  none'] : r.processors.map(processorLine)),
    ...unknown,
    ...waitLines('goes on by itself', dependency),
    ...(operator.length === 0
      ? ['nothing waits for an operator, as far as could be seen']
      : waitLines('waits for an operator', operator)),
  ]
    .map(oneLine)
    .join('\n');
};
