import { at } from '@verdikt/core/at.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { count } from '../text/count.ts';
import { readLetter } from './dialects/read.ts';
import { letterJson } from './json-line.ts';
import type { Prepared, Redrive } from './redrive.ts';
import { tableHead, tableRow } from './text.ts';

/** Letters fetched at once: each may be as large as a record can be. */
const CHUNK = 20;

/** What an operation would do, before anything is written. */
export interface Plan {
  readonly counts: Readonly<Record<string, number>>;
  /** The first letters, in the order in which they would leave. */
  readonly letters: readonly { readonly row: string; readonly json: object }[];
  /** How many more there are. */
  readonly more: number;
}

const countsOf = ({ counts, chosen, unknown, order }: Prepared): Record<string, number> => {
  const send = order.reduce((n, l) => n + l.length, 0);
  const quarantine = [...chosen.quarantine.values()].reduce((n, l) => n + l.length, 0);
  const unreadable = [...chosen.schemas].reduce((n, [id, k]) => n + (unknown.has(id) ? k : 0), 0);
  return {
    ...counts.json(),
    send,
    ...(quarantine > 0 ? { quarantine } : {}),
    ...(unreadable > 0 ? { 'unknown-schema': unreadable } : {}),
  };
};

/** Lists at most `most` letters; a letter that is gone meanwhile is left out. */
export const planOf = async (r: Redrive, p: Prepared, most: number): Promise<Plan> => {
  const letters: Plan['letters'][number][] = [];
  const add = (record: InRecord, partition: number): void => {
    const letter = readLetter(record, r.scope.topic, partition, r.ours);
    const status = at(p.states, partition).status(letter);
    letters.push({
      row: tableRow(letter, record.key, status),
      json: { ...letterJson(letter, record.key), status },
    });
  };
  const all = p.order.flat();
  const listed = all.slice(0, most);
  for (let first = listed[0]; first !== undefined; first = listed[0]) {
    const { partition } = first;
    let n = 1;
    while (n < CHUNK && listed[n]?.partition === partition) n++;
    const some = listed.splice(0, n).map((l) => l.offset);
    for (const record of await r.source.fetch(partition, some))
      if (record !== undefined) add(record, partition);
  }
  return { counts: countsOf(p), letters, more: Math.max(0, all.length - most) };
};

/** For people. */
export const planText = (action: string, { counts, letters, more }: Plan): string =>
  [
    `would ${action} ${counts['send'] ?? 0} of ${count(counts['selected'] ?? 0, 'dead letter')}`,
    ...Object.entries(counts)
      .filter(([name]) => name !== 'selected' && name !== 'send')
      .map(([name, n]) => `  ${name} ${n}`),
    ...(letters.length > 0 ? [tableHead(), ...letters.map((l) => l.row)] : []),
    ...(more > 0 ? [`… and ${more} more (--dry-run --list <n>)`] : []),
  ].join('\n');
