import { H } from '@verdikt/core/headers.ts';
import type { InRecord } from '@verdikt/core/record.ts';
import type { TopicNames } from '@verdikt/core/topics.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { Guarantees } from '../guarantees.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import type { PartitionLog } from '../partition-log.ts';
import { plain } from '../records.ts';

/** Follows a log as a reader at read_committed does: what it has seen it has seen. */
const follow = (log: PartitionLog, visit: (r: InRecord) => void): (() => void) => {
  let position = 0;
  return () => {
    for (; position < log.stable; position++) {
      const entry = log.at(position);
      if (entry?.record !== undefined && entry.state === 'committed') visit(entry.record);
    }
  };
};

/** Tells the guarantees what becomes visible; call `look` after every step. */
export const createObserver = (
  guarantees: Guarantees,
  broker: MemoryBroker,
  topics: TopicNames,
  nameOf: (id: string, key: string | null) => string,
): { look(): void; readonly ended: ReadonlySet<string> } => {
  const ended = new Set<string>();
  let at = 0;
  const common = (r: InRecord, partition: number) => {
    const key = r.key?.toString('utf8') ?? null;
    const id = nameOf(r.headerText(H.id) ?? '', key);
    ended.add(id);
    return { id, key, origin: Number(r.headerText(H.origin)), offset: r.offset, partition, at };
  };
  const readers = Array.from({ length: broker.partitions(topics.words) }, (_, partition) => [
    follow(broker.log(topics.results, partition), (r) => {
      const judged = JSON.parse(String(r.value)) as WordJudged;
      const answer = judged.accepted ? 'yes' : 'no';
      guarantees.result({ ...common(r, partition), answer, attempts: judged.attempts });
    }),
    follow(broker.log(topics.deadLetters, partition), (r) => {
      const reason = r.headerText(H.reason) ?? '';
      const attempts = Number(r.headerText(H.attempts));
      guarantees.deadLetter({ ...common(r, partition), reason, attempts, record: plain(r) });
    }),
  ]).flat();
  return {
    ended,
    look: () => {
      at++;
      for (const read of readers) read();
    },
  };
};
