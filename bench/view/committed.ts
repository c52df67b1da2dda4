import { createKafka } from '@verdikt/kafka/connect.ts';
import type { Stand } from './stand.ts';

/** When a verdict could be read at read_committed, milliseconds since 1970. */
export interface Committed {
  /** Undefined: it was not read. */
  at(partition: number, offset: number): number | undefined;
  close(): Promise<void>;
}

/** Reads `results` beside the view, as any consumer does. */
export const watchCommitted = ({ system, broker }: Stand): Committed => {
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'bench' });
  const source = kafka.source({ topic: system.topics.results });
  const times = Array.from({ length: system.partitions }, () => new Map<number, number>());
  times.forEach((seen, partition) => {
    const poll = () => source.poll(partition, 1_000, 1_048_576);
    source.open(partition, 0n, () => {
      for (let s = poll(); s !== undefined; s = poll()) {
        const now = Date.now();
        for (const { offset } of s.records) seen.set(offset, now);
      }
    });
  });
  return {
    at: (partition, offset) => times[partition]?.get(offset),
    close: async () => {
      await source.stop();
      await kafka.close();
    },
  };
};
