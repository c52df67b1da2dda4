import { isServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { Finding } from './finding.ts';

/** Adds key and id of the submissions that are still in `words`. */
export const named = async (
  logs: LogReader,
  words: string,
  partition: number,
  findings: readonly Finding[],
): Promise<Finding[]> => {
  const origins = [...new Set(findings.flatMap((f) => (f.origin === undefined ? [] : [f.origin])))];
  const records = new Map<number, InRecord>();
  for (const origin of origins) {
    try {
      const [record] = await logs.fetch(words, partition, [origin]);
      records.set(origin, record);
    } catch (e) {
      if (!isServiceError(e, 'OFFSET_LOST')) throw e;
    }
  }
  return findings.map((f) => {
    const record = f.origin === undefined ? undefined : records.get(f.origin);
    if (record === undefined) return f;
    const id = record.headerText(H.id);
    return { ...f, key: record.key?.toString('utf8') ?? null, ...(id === undefined ? {} : { id }) };
  });
};
