import { known, type Facts } from '../facts.ts';
import { finding, type Finding } from '../findings.ts';
import { waitingTasks } from './waits.ts';
import { count } from '@verdikt/operate/text/count.ts';

export const group = ({ group: asked, expected }: Facts): Finding[] => {
  if (!asked.ok) return [];
  const { state, foreign, members } = asked.value;
  if (foreign) return [finding('GROUP_FOREIGN', `${expected.group}: ${asked.value.protocol}`)];
  if (members.length === 0) return [finding('GROUP_EMPTY', `${expected.group} is ${state}`)];
  if (state !== 'Stable') return [];
  const owned = new Set(members.flatMap((m) => m.tasks));
  const free = Array.from({ length: expected.partitions }, (_, i) => i).filter((i) => !owned.has(i));
  return free.length === 0
    ? []
    : [
        finding(
          'TASKS_UNASSIGNED',
          `${expected.group} has ${count(members.length, 'member')}, without: ${free.join(', ')}`,
        ),
      ];
};

/** Where each task goes on, and whether it does. Of one that waits it is told what for. */
export const progress = (facts: Facts): Finding[] => {
  const later = new Map(known(facts.later).map((t) => [t.task, t]));
  const excused = new Set([...stopped(facts), ...waitingTasks(facts)]);
  const topic = facts.expected.names.words;
  return known(facts.tasks).flatMap((first) => {
    const last = later.get(first.task);
    if (excused.has(first.task)) return [];
    const still = last !== undefined && last.committed === first.committed;
    const waits = first.words.stable - Math.max(first.committed ?? 0, first.words.start);
    return still && waits > 0
      ? [
          finding(
            'NO_PROGRESS',
            `${topic}-${first.task}: ${waits} wait, committed is ${first.committed ?? 'nothing'}`,
          ),
        ]
      : [];
  });
};

const stopped = ({ looked }: Facts): number[] =>
  known(looked).flatMap((t) => (t.stop === undefined ? [] : [t.task]));

/** What tasks would find at a restore. */
export const stops = ({ looked }: Facts): Finding[] =>
  known(looked).flatMap(({ stop }) =>
    // One that hangs is found by itself, others end by themselves.
    stop === undefined || stop.code === 'TRANSACTION_HANGING' ? [] : [finding(stop.code, stop.message)],
  );

export const deadLetters = (facts: Facts): Finding[] => {
  const later = new Map(known(facts.later).map((t) => [t.task, t]));
  const grown = known(facts.tasks).flatMap((first) => {
    const n = (later.get(first.task)?.deadLetters.stable ?? 0) - first.deadLetters.stable;
    return n > 0 ? [`${first.task} (${n} more)`] : [];
  });
  return grown.length === 0
    ? []
    : [finding('DEAD_LETTERS_GROW', `${facts.expected.names.deadLetters}: ${grown.join(', ')}`)];
};

/** Twice its time-out: the coordinator ends it some seconds after the first. */
export const transactions = ({ open, now, expected }: Facts): Finding[] =>
  known(open)
    .flat()
    .filter((h) => now - h.open.lastTimestamp > 2 * expected.transactionTimeoutMs)
    .map(({ topic, partition, open: { producerId, firstOffset, lastTimestamp } }) =>
      finding(
        'TRANSACTION_HANGING',
        `${topic}-${partition}: producer ${producerId}, open since offset ${firstOffset}, silent for ${Math.round((now - lastTimestamp) / 1000)} s`,
      ),
    );
