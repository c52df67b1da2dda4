import { shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import { outRecord } from '../../support/records.ts';
import type { Book } from './book.ts';
import { createEdge } from './edge.ts';
import type { FaultKind } from './faults.ts';
import { foreignRecord } from './foreign.ts';
import type { World } from './world.ts';

interface Arrivals {
  /** How many are still to come. */
  left(): number;
  /** The next one arrives. */
  next(): void;
}

/** Submissions in the order of the script, through an edge, with transactions of others between them. */
export const createArrivals = (
  { script, random, turns, broker, topics, broken }: World,
  book: Book,
  count: (kind: FaultKind) => void,
  note: (what: string) => void,
): Arrivals => {
  const edge = createEdge({
    ...{ broker, random, turns, count, note, broken },
    ...{ topic: topics.words, twice: script.twice },
  });
  const partitions = broker.partitions(topics.words);
  const left = [...script.arrivals];
  return {
    left: () => left.length,
    next: () => {
      const n = left.shift() as number;
      const s = script.submissions[n];
      const partition = s.key === null ? n % partitions : partitionOf(Buffer.from(s.key), partitions);
      if (script.foreign && random.chance(0.2)) {
        const open = random.chance(0.5);
        if (!open) count('a foreign transaction aborts');
        foreignRecord(broker, topics.words, partition, open);
      }
      const edges = { here: broker.topicId(topics.words), elsewhere: 'of-another-topic' };
      const record = outRecord({
        ...{ key: s.key, value: s.value },
        headers: {
          ...(s.id === null ? {} : { [H.id]: s.id }),
          ...(s.edge === undefined ? {} : { [H.edge]: edges[s.edge] }),
        },
      });
      const origin = edge.append(partition, record);
      // Its dead letter, if it has one, is a stub.
      const key = s.key === null ? null : shortKey(Buffer.from(s.key)).toString();
      note(`s${n} arrives at ${origin}, key ${key}`);
      const known = book.arrived(`s${n}`, s, s.id ?? `${topics.words}-${partition}-${origin}`, {
        ...{ key, origin, partition, record: { key, value: s.value, headers: record.headers } },
      });
      if (!known) count('a submission is sent twice');
    },
  };
};
