import { at } from '@verdikt/core/at.ts';
import { ownersOf, waitsOf, type Wait } from '@verdikt/operate/status/waits.ts';
import { known, NOBODY, type Facts } from '../facts.ts';
import { finding, type Finding, type FindingCode } from '../findings.ts';

const codeOf = (w: Wait): FindingCode | undefined => {
  const waits = w.for === 'dependency';
  switch (w.kind) {
    case 'parked':
      return 'KEYS_PARKED';
    case 'stopped':
      return waits ? 'TASK_WAITS' : 'TASK_STOPPED';
    case 'dead-letter-limit':
      return 'DEAD_LETTER_LIMIT';
    case 'intake':
      return 'INTAKE_STOPPED';
    case 'circuit':
      return 'CIRCUIT_OPEN';
    case 'group':
      // What Kafka tells of the group is found by itself.
      return w.code === undefined ? undefined : 'PROCESSOR_REFUSED';
    case 'topic':
      return 'PARTITIONS_ADDED';
  }
};

/** What waits for an operator or a dependency, but what the logs and the settings tell by themselves. */
export const waits = (facts: Facts): Finding[] => {
  const stopped = new Set(known(facts.looked).flatMap((t) => (t.stop === undefined ? [] : [t.task])));
  const { partitions, expected, group, processors } = facts;
  const grown = known(partitions).some((p) => (p.partitions?.length ?? 0) > expected.partitions);
  const seen = new Map(known(facts.looked).map((t) => [t.task, t]));
  const tasks = Array.from(
    { length: Math.max(facts.tasks.length, facts.looked.length) },
    (_, task) => seen.get(task) ?? { task },
  );
  const members = group.ok ? group.value : NOBODY;
  const said = waitsOf({ system: expected.group, group: members, tasks, processors }).flatMap((w) => {
    const code = codeOf(w);
    const twice = (w.kind === 'stopped' && stopped.has(w.task ?? -1)) || (w.kind === 'topic' && grown);
    return code === undefined || twice ? [] : [{ code, wait: w }];
  });
  // A dependency that is away keeps all tasks waiting for the same reason.
  const alike = Map.groupBy(said, ({ code, wait: { what, remedy } }) => JSON.stringify([code, what, remedy]));
  return [...alike.values()].map((same) => {
    const { code, wait } = at(same, 0);
    const tasks = same.flatMap((s) => s.wait.task ?? []);
    const named =
      wait.code === undefined || code === 'DEAD_LETTER_LIMIT' ? wait.what : `${wait.code}: ${wait.what}`;
    const what =
      tasks.length === 0 ? named : `${tasks.length === 1 ? 'task' : 'tasks'} ${tasks.join(', ')}: ${named}`;
    return finding(code, what, wait.remedy);
  });
};

/** Tasks that stand still, or take no new words, for a reason that their processors tell. */
export const waitingTasks = (facts: Facts): number[] =>
  [...ownersOf(facts.processors)].flatMap(([task, t]) =>
    t.trouble !== undefined || t.intake !== undefined ? [task] : [],
  );

const ALONE = 'phase, dead-letter limit, circuits, intake';

/** Who could not be asked, and what is not known for that. */
export const processors = ({ group, tasks, processors: asked }: Facts): Finding[] => {
  const { members, state, foreign } = group.ok ? group.value : NOBODY;
  const silent = asked.filter((p) => p.status === undefined);
  const of = (member: string): readonly number[] => members.find((m) => m.memberId === member)?.tasks ?? [];
  const unknown = (why: string, them: readonly number[]): Finding => {
    const what = them.length === 0 ? '' : `; not known of tasks ${them.join(', ')}: ${ALONE}`;
    return finding('PROCESSOR_UNREACHABLE', `${why}${what}`);
  };
  if (!group.ok && asked.length === 0)
    return [
      unknown(
        'the group does not say where its processors are',
        tasks.map((_, task) => task),
      ),
    ];
  const named = silent.map(({ url, member, problem }) =>
    unknown(`${url ?? `member ${member}`}: ${problem}`, of(member)),
  );
  const told = ownersOf(asked);
  const missed = new Set(silent.flatMap((p) => of(p.member)));
  const left = members.flatMap((m) => m.tasks.filter((t) => !told.has(t) && !missed.has(t)));
  // While tasks are handed over, nobody may have one for a moment.
  if (foreign || state !== 'Stable' || left.length === 0) return named;
  const sorted = left.sort((a, b) => a - b);
  return [...named, unknown('not all processors were asked', sorted)];
};
