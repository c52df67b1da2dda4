import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { inTurn } from '../text/in-turn.ts';
import { ControlState } from './control-state.ts';
import { readLetter } from './dialects/read.ts';
import { matches, type Filter, type Status } from './filter.ts';
import type { DeadLetter } from './letter.ts';
import type { DlqCluster } from './ports.ts';
import { fromText, readQuarantine } from './quarantine.ts';

/** A topic of dead letters, and what tells what has become of them. */
export interface Letters {
  readonly cluster: DlqCluster;
  readonly names: TopicNames;
  readonly quarantine: string;
  readonly topic: string;
  /** The topic is our own. */
  readonly ours: boolean;
  /** What the control topic says, by partition. */
  readonly states: (partition: number) => Promise<ControlState>;
}

/** Reads each partition of a control topic once, and then only what is new. */
export const createStates = (
  { logs }: Pick<DlqCluster, 'logs'>,
  control: string,
): ((partition: number) => Promise<ControlState>) => {
  const readers = new Map<number, () => Promise<ControlState>>();
  const readerOf = (partition: number): (() => Promise<ControlState>) => {
    let state = new ControlState();
    let at = 0;
    return inTurn(async () => {
      const { start, end } = await logs.bounds(control, partition);
      // A log that ends before what was read is another one.
      if (at > end) [state, at] = [new ControlState(), 0];
      const from = Math.max(start, at);
      const into = state;
      if (from < end) await logs.scan(control, partition, from, end, (r) => into.add(r));
      at = end;
      return into;
    });
  };
  return (partition) => {
    let read = readers.get(partition);
    if (read === undefined) readers.set(partition, (read = readerOf(partition)));
    return read();
  };
};

/** A letter as it was read; the record is only valid during the visit unless detached. */
export interface Visited {
  readonly record: InRecord;
  readonly letter: DeadLetter;
  readonly status: Status;
  readonly state: ControlState;
}

/** Where to begin and end, for those who read page by page. */
export interface Bounded {
  readonly from: { readonly partition: number; readonly offset: number };
  /** Records that are read at once. */
  readonly chunk: number;
  /** Asked between chunks. */
  readonly enough: () => boolean;
}

/** Where a bounded read goes on; undefined: all was read. */
type Next = Bounded['from'] | undefined;

/** Visits the letters that the filter admits, partition by partition, as they are read. */
export const eachLetter = async (
  { cluster, topic, ours, quarantine, states }: Letters,
  filter: Filter,
  visit: (v: Visited) => void,
  bounded?: Bounded,
): Promise<Next> => {
  const partitions = await cluster.partitionsOf(topic);
  for (let p = bounded?.from.partition ?? 0; p < partitions; p++) {
    if (filter.partitions !== undefined && !filter.partitions.includes(p)) continue;
    const { start, end } = await cluster.logs.bounds(topic, p);
    const first = p === bounded?.from.partition ? Math.max(start, bounded.from.offset) : start;
    if (first >= end) continue;
    if (p !== bounded?.from.partition && bounded?.enough() === true) return { partition: p, offset: first };
    const state = ours ? await states(p) : new ControlState();
    const quarantined = ours ? await readQuarantine(cluster.logs, quarantine, p) : new Set<string>();
    const see = (record: InRecord): void => {
      const letter = readLetter(record, topic, p, ours);
      const known = state.status(letter);
      const status =
        known === 'open' && quarantined.has(fromText(topic, p, record.offset)) ? 'quarantined' : known;
      if (matches(filter, letter, record.key, status)) visit({ record, letter, status, state });
    };
    for (let at = first; at < end;) {
      const to = Math.min(end, at + (bounded?.chunk ?? Infinity));
      await cluster.logs.scan(topic, p, at, to, see);
      at = to;
      if (at < end && bounded?.enough() === true) return { partition: p, offset: at };
    }
  }
  return undefined;
};
