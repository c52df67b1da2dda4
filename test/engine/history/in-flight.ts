import { shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { MemoryBroker } from '../memory-broker.ts';

type NameOf = (id: string, key: string | null) => string;

/** What is not yet decided by the logs alone: in `words` past the committed offset, or in a lane. And what is there twice. */
export const inFlight = (
  broker: MemoryBroker,
  topics: TopicNames,
  group: string,
  nameOf: NameOf,
  /** Accepted and not ended. */
  open: ReadonlySet<string>,
): { readonly outstanding: ReadonlySet<string>; readonly twice: readonly string[] } => {
  const outstanding = new Set<string>();
  const twice: string[] = [];
  for (let partition = 0; partition < broker.partitions(topics.words); partition++) {
    const name = (r: InRecord, origin: number): string => {
      const key = r.key === null ? null : shortKey(r.key).toString('utf8');
      return nameOf(r.headerText(H.id) ?? `${topics.words}-${partition}-${origin}`, key);
    };
    const lanes = new Map<string, string>();
    for (const r of broker.log(topics.retry, partition).visible()) {
      const parsed = parseRetryEntry(r);
      if (parsed.kind === 'entry')
        lanes.set(`${parsed.origin} ${parsed.redrive}`, `${name(r, parsed.origin)}/${parsed.redrive}`);
      else if (parsed.kind === 'completed')
        for (const e of parsed.ended) lanes.delete(`${e.origin} ${e.redrive}`);
    }
    for (const n of lanes.values()) {
      if (!open.has(n)) twice.push(n);
      outstanding.add(n);
    }
    const words = broker.log(topics.words, partition);
    for (let o = Number(broker.offset(group, topics.words, partition) ?? 0n); o < words.end; o++) {
      const e = words.at(o);
      // What no transaction holds is accepted, also past the last stable offset.
      if (e?.record === undefined || e.transactional) continue;
      const n = `${name(e.record, o)}/0`;
      if (open.has(n)) outstanding.add(n);
    }
  }
  return { outstanding, twice };
};
