import { shortKey } from '@verdikt/core/hash/digest.ts';
import { fingerprint, xor53 } from '@verdikt/core/record/commit-note.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { Bounds } from './expected.ts';

/** An outstanding record, and where its newest entry lies in the retry partition. */
export interface LiveEntry {
  readonly origin: number;
  readonly redrive: number;
  readonly offset: number;
  /** Its key, or the digest of a long one, as text of one character a byte; undefined: a lane of its own. */
  readonly key: string | undefined;
  /** As last written; milliseconds since 1970, 0: at once. */
  readonly dueAt: number;
  /** Since when it waits for an operator, milliseconds since 1970; 0: it does not. */
  readonly parkedAt: number;
  /** Why it is parked; empty: it is not. */
  readonly parkedFor: string;
}

/**
 * What is outstanding by the log of a retry partition, by origin, then redrive count. For tools: a task keeps the same in columns.
 * Rejects as `LogReader.scan`.
 */
export const liveEntries = async (
  logs: LogReader,
  topic: string,
  task: number,
  { start, end }: Bounds,
): Promise<LiveEntry[]> => {
  const live = new Map<string, LiveEntry>();
  await logs.scan(topic, task, start, end, (record) => {
    const parsed = parseRetryEntry(record);
    if (parsed.kind === 'entry') {
      const { origin, redrive, dueAt, parkedAt } = parsed;
      const parkedFor = parkedAt > 0 ? parsed.reason : '';
      const key = record.key === null ? undefined : shortKey(record.key).toString('latin1');
      live.set(`${origin} ${redrive}`, {
        ...{ origin, redrive, offset: record.offset },
        ...{ key, dueAt, parkedAt, parkedFor },
      });
    } else if (parsed.kind === 'completed')
      for (const e of parsed.ended) live.delete(`${e.origin} ${e.redrive}`);
  });
  return [...live.values()].sort((a, b) => a.origin - b.origin || a.redrive - b.redrive);
};

/** What a note says of these entries. */
export const sumOf = (
  live: readonly Pick<LiveEntry, 'origin' | 'redrive'>[],
): { readonly size: number; readonly print: number; readonly origins: number } => ({
  size: live.length,
  print: live.reduce((x, { origin, redrive }) => xor53(x, fingerprint(origin, redrive)), 0),
  origins: live.reduce((x, { origin }) => xor53(x, origin), 0),
});
