import type { OutRecord } from '@verdikt/core/record/record.ts';
import type { LogAccess, OpenTransaction } from './contracts/subject.ts';
import type { MemoryBroker } from './memory-broker.ts';
import { plain } from '../support/records.ts';

/** LogAccess on a memory broker. */
export const memoryAccess = (broker: MemoryBroker): LogAccess => {
  let transactions = 0;
  return {
    append: (topic, partition, records) =>
      Promise.resolve(records.map((r) => broker.append(topic, partition, r))),
    open: (topic, partition, records) => {
      const id = `foreign.${transactions++}`;
      const writer = broker.transactions.init(id, 60_000);
      if (writer === undefined) throw new RangeError(`transaction ${id} exists`);
      broker.transactions.begin(id, writer, [broker.log(topic, partition)]);
      let sequence = 0;
      const append = (more: readonly OutRecord[]): number[] => {
        const offsets = broker.produce(id, writer, topic, partition, sequence, more);
        sequence += more.length;
        return offsets;
      };
      const open: OpenTransaction = {
        offsets: append(records),
        append: (more) => Promise.resolve(append(more)),
        commit: () => Promise.resolve(void broker.transactions.end(id, writer, true)),
        abort: () => Promise.resolve(void broker.transactions.end(id, writer, false)),
      };
      return Promise.resolve(open);
    },
    read: (topic, partition) => Promise.resolve(broker.log(topic, partition).visible().map(plain)),
    trim: (topic, partition, offset) => Promise.resolve(broker.log(topic, partition).trim(offset)),
  };
};
