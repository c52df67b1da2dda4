import { isServiceError } from '@verdikt/core/errors.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Imported } from './json-line.ts';

/** Where the letters of an operation are read: a topic, or a file that was exported from it. */
export interface LetterSource {
  /** Visits the letters of a partition below `end`, in order of offset. */
  scan(partition: number, end: number, visit: (record: InRecord) => void): Promise<void>;
  /** The letters at these offsets; undefined where one is gone. */
  fetch(partition: number, offsets: readonly number[]): Promise<readonly (InRecord | undefined)[]>;
}

export const topicSource = (logs: LogReader, topic: string): LetterSource => ({
  scan: async (partition, end, visit) => {
    const { start } = await logs.bounds(topic, partition);
    if (start < end) await logs.scan(topic, partition, start, end, visit);
  },
  fetch: async (partition, offsets) => {
    const lost = (e: unknown): undefined => {
      if (isServiceError(e, 'OFFSET_LOST')) return undefined;
      throw e;
    };
    const all = await logs.fetch(topic, partition, offsets).catch(lost);
    if (all !== undefined) return all;
    // Some are gone, rarely: which ones is asked one by one.
    const each: (InRecord | undefined)[] = [];
    for (const offset of offsets) each.push((await logs.fetch(topic, partition, [offset]).catch(lost))?.[0]);
    return each;
  },
});

/** Letters of a file, all in memory. */
export const fileSource = (lines: readonly Imported[]): LetterSource => {
  const byPartition = new Map<number, Map<number, InRecord>>();
  for (const { partition, record } of lines) {
    const known = byPartition.get(partition) ?? new Map<number, InRecord>();
    byPartition.set(partition, known.set(record.offset, record));
  }
  return {
    scan: (partition, end, visit) => {
      const records = [...(byPartition.get(partition)?.values() ?? [])].sort((a, b) => a.offset - b.offset);
      for (const r of records) if (r.offset < end) visit(r);
      return Promise.resolve();
    },
    fetch: (partition, offsets) =>
      Promise.resolve(offsets.map((offset) => byPartition.get(partition)?.get(offset))),
  };
};
