import type { Answer } from '../shell/shell.ts';
import type { Source, Undecided } from './look.ts';
import type { CopyCounts } from './run.ts';
import { count } from '@verdikt/operate/text/count.ts';

interface Planned {
  readonly source: Source;
  /** Kafka's group id of the source. */
  readonly group: string;
  readonly target: string;
  readonly targetPartitions: number;
  readonly undecided: readonly Undecided[];
}

const n = (count: number): string => count.toLocaleString('en');
const sum = (all: readonly Undecided[], f: (u: Undecided) => number): number =>
  all.reduce((total, u) => total + f(u), 0);
const redriven = (u: Undecided): number => u.entries.filter((e) => e.redrive > 0).length;

/** One line a partition that has anything to tell, then what is lost by copying. */
export const plannedText = ({ source, target, targetPartitions, undecided }: Planned): string => {
  const name = source.topics.words;
  const lines = [
    `undecided: at most ${n(sum(undecided, (u) => u.words.end - u.from))} of ${name} and ${n(sum(undecided, (u) => u.entries.length))} of its lanes, to ${target} (${count(targetPartitions, 'partition')})`,
  ];
  for (const u of undecided) {
    const notes = [
      ...(u.partition >= source.partitions ? ['added'] : []),
      ...(u.former === undefined ? [] : ['created again, so all of it; lanes are of the former topic']),
      ...(u.gone > 0 ? [`${count(u.gone, 'record was', 'records were')} deleted before being read`] : []),
      ...(u.noted !== undefined && u.noted > u.entries.length
        ? [
            `${count(u.noted - u.entries.length, 'entry of its lanes is', 'entries of its lanes are')} missing`,
          ]
        : []),
    ];
    lines.push(
      `${name}-${u.partition}: from ${u.from} to ${u.words.end}, ${n(u.entries.length)} in lanes${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`,
    );
  }
  lines.push('Attempts start again at 1, and what is parked is tried again.');
  const again = sum(undecided, redriven);
  if (again > 0)
    lines.push(
      `${count(again, 'record of the lanes was redriven; it loses its', 'records of the lanes were redriven; they lose their')} redrive count.`,
    );
  return lines.join('\n');
};

export const answerOf = (
  p: Planned,
  counts: CopyCounts | undefined,
  changed: readonly string[],
  prefix: string,
): Answer => {
  const json = {
    ...{ target: p.target, partitions: p.targetPartitions },
    undecided: p.undecided.map((u) => ({
      ...{ partition: u.partition, from: u.from, end: u.words.end, lanes: u.entries.length },
      ...{ redriven: redriven(u), gone: u.gone, former: u.former ?? null },
    })),
    copied: counts ?? null,
    changed,
  };
  if (counts === undefined) return { text: '', json };
  const { fromLanes, fromWords, there, leftOut } = counts;
  const whole = leftOut.length === 0 && changed.length === 0;
  const owned = p.undecided.some((u) => u.partition < p.source.partitions);
  const lines = [
    `copied ${n(fromLanes)} of lanes and ${n(fromWords)} of ${p.source.topics.words} to ${p.target}; ${n(there)} had been copied before`,
    ...leftOut
      .slice(0, 20)
      .map((place) => `left out ${place}: too large, and its original is gone or cannot be read whole`),
    ...(leftOut.length > 20 ? [`and ${n(leftOut.length - 20)} more were left out; --json lists them`] : []),
    ...changed,
    `Next: start edges and processors with VERDIKT_TOPIC_PREFIX=${prefix} VERDIKT_PARTITIONS=${p.targetPartitions}.${owned ? ` Do not start processors of ${p.group} again: they would check the same words.` : ''}`,
  ];
  return { text: lines.join('\n'), json, code: whole ? 0 : 1 };
};
