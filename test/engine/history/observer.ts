import { decodeControl } from '@verdikt/core/record/control.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { WordJudged } from '@verdikt/schemas/types.ts';
import type { Guarantees } from '../guarantees.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import { identity } from '../facts.ts';
import type { Operator } from './operator.ts';
import type { PartitionLog } from '../partition-log.ts';
import { plain } from '../../support/records.ts';
import { STRANGER } from './neighbors.ts';

/** Follows a log as a reader at read_committed does: what it has seen it has seen. */
const follow = (log: PartitionLog, visit: (r: InRecord) => void): (() => void) => {
  let position = 0;
  return () => {
    for (; position < log.stable; position++) {
      const record = log.committed(position);
      if (record !== undefined && record.header(STRANGER) === undefined) visit(record);
    }
  };
};

/** What a verdict says; an answer that no oracle gives where it cannot be read, or is that of another. */
const judgedIn = (r: InRecord): { readonly answer: string; readonly attempts?: number } => {
  try {
    const { id, accepted, attempts } = JSON.parse(String(r.value)) as WordJudged;
    if (id !== r.headerText(H.id)) return { answer: `that of ${id}` };
    return { answer: accepted ? 'yes' : 'no', attempts };
  } catch {
    return { answer: `no JSON: ${String(r.value)}` };
  }
};

/** Tells the guarantees what becomes visible; call `look` after every step. */
export const createObserver = (
  guarantees: Guarantees,
  broker: MemoryBroker,
  topics: TopicNames,
  nameOf: (id: string, key: string | null) => string,
  operator: Operator,
): { look(): void; readonly ended: ReadonlySet<string> } => {
  const ended = new Set<string>();
  let at = 0;
  const common = (r: InRecord, partition: number) => {
    const key = r.key?.toString('utf8') ?? null;
    const id = nameOf(r.headerText(H.id) ?? '', key);
    const redrive = Number(r.headerText(H.redrive) ?? 0);
    return { id, key, redrive, origin: Number(r.headerText(H.origin)), offset: r.offset, partition, at };
  };
  const end = <T extends { id: string; redrive: number }>(e: T): T => {
    ended.add(identity(e));
    return e;
  };
  // What tools know, then what was done, then what came of it: all of it may become visible at once.
  const letters = Array.from({ length: broker.partitions(topics.words) }, (_, partition) =>
    follow(broker.log(topics.deadLetters, partition), (record) => {
      const { id: name, redrive, origin } = common(record, partition);
      const parked = record.headerText(H.disposition) === 'parked';
      operator.letter({ name, redrive, origin, partition, record, parked });
    }),
  );
  const answers = Array.from({ length: broker.partitions(topics.words) }, (_, partition) =>
    follow(broker.log(topics.control, partition), (r) => {
      const control = decodeControl(r);
      if (control.kind === 'answer') operator.answer(control.answer, partition);
    }),
  );
  const readers = Array.from({ length: broker.partitions(topics.words) }, (_, partition) => [
    follow(broker.log(topics.results, partition), (r) => {
      guarantees.result({ ...end(common(r, partition)), ...judgedIn(r) });
    }),
    follow(broker.log(topics.deadLetters, partition), (r) => {
      const reason = r.headerText(H.reason) ?? '';
      const attempts = Number(r.headerText(H.attempts));
      const letter = common(r, partition);
      const disposition = r.headerText(H.disposition) === 'parked' ? 'parked' : 'final';
      if (disposition === 'final') end(letter);
      guarantees.deadLetter({ ...letter, disposition, reason, attempts, record: plain(r) });
    }),
  ]).flat();
  const all = [...letters, ...answers, ...readers];
  return {
    ended,
    look: () => {
      at++;
      for (const read of all) read();
    },
  };
};
