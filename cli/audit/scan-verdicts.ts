import type { InRecord } from '@verdikt/core/record/record.ts';
import type { VerdictReader, VerdictRead } from '@verdikt/schemas/verdict-reader.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { VerdictFacts } from './facts.ts';

const CHUNK = 200_000;

const factsOf = (read: Exclude<VerdictRead, { kind: 'schema-needed' }>): VerdictFacts =>
  read.kind === 'ok'
    ? { id: read.verdict.id, attempts: read.verdict.attempts, origin: read.verdict.origin }
    : { unreadable: read.detail };

/**
 * Hands on every verdict of [from, to) in order. From the first record of a schema that is not known yet the chunk is read
 * again once it has been learned, which happens once per schema.
 */
export const scanVerdicts = async (
  logs: LogReader,
  reader: VerdictReader,
  topic: string,
  partition: number,
  from: number,
  to: number,
  visit: (record: InRecord, facts: VerdictFacts) => void,
): Promise<void> => {
  for (let at = from; at < to;) {
    const until = Math.min(to, at + CHUNK);
    let needed: { readonly id: number; readonly at: number } | undefined;
    await logs.scan(topic, partition, at, until, (r) => {
      if (needed !== undefined) return;
      const read = reader.read(r.value);
      if (read.kind === 'schema-needed') needed = { id: read.id, at: r.offset };
      else visit(r, factsOf(read));
    });
    if (needed !== undefined) await reader.learn(needed.id);
    at = needed?.at ?? until;
  }
};
