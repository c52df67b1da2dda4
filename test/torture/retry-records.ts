import { H } from '@verdikt/core/record/headers.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { untilStopped } from '../support/until-stopped.ts';
import type { System } from '../support/system/system.ts';

/** What was committed to a retry topic. */
interface RetryRecords {
  /** All data records, with those that were deleted before anybody looked. */
  records: number;
  /** Of those, entries of words. */
  entries: number;
  /** Words that had any. */
  readonly ids: Set<string>;
}

const EVERY_MS = 1_000;

/** Counts what is written to the retry topic from now on. Tasks delete what is done, so it reads along. */
export const watchRetryTopic = ({ brokers, topics, partitions }: System) => {
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'retry-records' });
  const logs = kafka.logs();
  const seen: RetryRecords = { records: 0, entries: 0, ids: new Set() };
  const positions = Array.from({ length: partitions }, () => 0);
  const look = async (partition: number): Promise<void> => {
    const { start, end } = await logs.bounds(topics.retry, partition);
    seen.records += Math.max(0, start - positions[partition]);
    await logs.scan(topics.retry, partition, Math.max(start, positions[partition]), end, (record) => {
      seen.records++;
      if (parseRetryEntry(record).kind !== 'entry') return;
      seen.entries++;
      seen.ids.add(record.headerText(H.id) ?? '');
    });
    positions[partition] = end;
  };
  const lookAtAll = async (): Promise<void> => {
    for (let partition = 0; partition < partitions; partition++) await look(partition);
  };
  const looking = untilStopped(EVERY_MS, lookAtAll);
  return {
    /** Resolves with all there is once everything has ended. */
    stop: async (): Promise<RetryRecords> => {
      try {
        await looking.stop();
        await lookAtAll();
      } finally {
        await kafka.close();
      }
      return seen;
    },
  };
};
