import type { MemoryBroker } from '../memory-broker.ts';
import { outRecord } from '../../support/records.ts';

/** With it the transactional ids begin. */
export const FOREIGN = 'foreign-';

/** Somebody else's transaction in `words`: committed ones are words without id, so only aborted ones may hold records. */
export const foreignRecord = (
  broker: MemoryBroker,
  words: string,
  partition: number,
  open: boolean,
): void => {
  const id = `${FOREIGN}${partition}-${broker.log(words, partition).end}`;
  const writer = broker.transactions.init(id, open ? 50 : 60_000);
  if (writer === undefined) return;
  broker.transactions.begin(id, writer, [broker.log(words, partition)]);
  broker.produce(id, writer, words, partition, 0, [
    outRecord({ key: 'a', value: 'foreign', headers: { id } }),
  ]);
  // Left open, it times out.
  if (!open) broker.transactions.end(id, writer, false);
};
