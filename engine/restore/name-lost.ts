import { at } from '@verdikt/core/at.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Bounds } from './expected.ts';
import type { EntryTable } from '../state/entries.ts';
import type { TaskContext } from '../policy/task-context.ts';

/** Records of `words` that are looked at, the newest ones before the position of the task. */
const MOST = 50_000;

/**
 * Origins of submissions that were read, have no end and are not outstanding: what a cut retry partition has lost, as far as the
 * other logs still tell. Copies that were dropped as duplicates cannot be told apart and are among them.
 */
export const nameLost = async (
  logs: LogReader,
  { topics, task }: Pick<TaskContext, 'topics' | 'task'>,
  entries: Pick<EntryTable, 'live' | 'origin'>,
  position: number,
  words: Bounds,
): Promise<number[]> => {
  const from = Math.max(words.start, position - MOST);
  if (from >= position) return [];
  const open = new Set<number>();
  let since = Infinity;
  await logs.scan(topics.words, task, from, position, (record) => {
    open.add(record.offset);
    since = Math.min(since, record.timestamp);
  });
  const ended = (record: InRecord): void => {
    if (record.headerText(H.disposition) !== 'parked') open.delete(Number(record.headerText(H.origin)));
  };
  for (const topic of [topics.results, topics.deadLetters]) {
    const { start, end } = await logs.bounds(topic, task);
    // Clocks differ, and ends may lie long behind; before their submissions they never lie.
    const at = Math.max(
      start,
      since === Infinity ? end : await logs.offsetAt(topic, task, since - CLOCKS_MS),
    );
    if (at < end) await logs.scan(topic, task, at, end, ended);
  }
  for (const slot of entries.live()) open.delete(at(entries.origin, slot));
  return [...open];
};

const CLOCKS_MS = 60_000;
