import { at } from '@verdikt/core/at.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import type { Counts } from './counts.ts';
import { isHeaderOf, readLetter } from './dialects/read.ts';
import type { DeadLetter } from './letter.ts';
import type { Scope } from './operation.ts';
import { schemaIdOf } from './payload.ts';
import type { Appender, DlqCluster, Pace } from './ports.ts';
import { FROM, fromText, OPERATION } from './quarantine.ts';
import type { Selected } from './selection.ts';
import { appendAll, createThrottle } from './send-commands.ts';
import type { LetterSource } from './source.ts';

const CHUNK = 100;

interface SendingForeign {
  readonly cluster: DlqCluster;
  readonly source: LetterSource;
  readonly scope: Scope;
  readonly operation: string;
  readonly unknownSchemas: ReadonlySet<number>;
  readonly counts: Counts;
  readonly pace: Pace;
  readonly rate?: number;
  readonly progress: () => void;
}

/** The record as it was before it failed, with where it came from this time. */
const originalOf = (l: DeadLetter, record: InRecord, operation: string): OutRecord => ({
  key: record.key,
  value: record.value,
  headers: [
    ...record
      .headers()
      .filter(
        ([name]) => !isHeaderOf(l.dialect, name) && name !== FROM && name !== OPERATION && name !== H.redrive,
      ),
    [FROM, fromText(l.place.topic, l.place.partition, l.place.offset)],
    [OPERATION, operation],
    [H.redrive, String(l.redrive + 1)],
  ] satisfies Header[],
  ...(l.original.timestamp === undefined ? {} : { timestamp: l.original.timestamp }),
});

/** What this operation has put into a partition already, by where it came from. */
const putBefore = async (s: SendingForeign, topic: string, partition: number): Promise<Set<string>> => {
  const found = new Set<string>();
  const { start, end } = await s.cluster.logs.bounds(topic, partition);
  const from = Math.max(start, s.scope.targets[topic]?.[partition] ?? 0);
  if (from < end)
    await s.cluster.logs.scan(topic, partition, from, end, (r) => {
      const place = r.headerText(OPERATION) === s.operation ? r.headerText(FROM) : undefined;
      if (place !== undefined) found.add(place);
    });
  return found;
};

/**
 * Puts foreign dead letters back into the partitions that they came from, in the order they had there. No task owns those
 * topics, so these are plain appends; the progress of the operation is what it finds there of its own.
 */
export const sendForeign = async (
  s: SendingForeign,
  targets: readonly string[],
  byTarget: readonly (readonly Selected[])[],
): Promise<void> => {
  const { counts, pace, scope } = s;
  const throttle = createThrottle(pace, s.rate);
  const sinks = new Map<string, Appender>();

  const sendChunk = async (
    sink: Appender,
    partition: number,
    some: readonly Selected[],
    before: ReadonlySet<string>,
    held: Set<string>,
  ): Promise<void> => {
    const out: { partition: number; record: OutRecord; key: string }[] = [];
    for (const place of some) {
      const [record] = await s.source.fetch(place.partition, [place.offset]);
      const key = record?.key?.toString('latin1') ?? fromText('', place.partition, place.offset);
      const schema = record === undefined ? undefined : schemaIdOf(record.value);
      if (record === undefined) counts.add('gone');
      else if (before.has(fromText(scope.topic, place.partition, place.offset))) counts.add('applied');
      else if (held.has(key)) counts.add('held-back');
      else if (schema !== undefined && s.unknownSchemas.has(schema)) {
        counts.add('unknown-schema');
        held.add(key);
      } else {
        const letter = readLetter(record, scope.topic, place.partition, false);
        out.push({ partition, record: originalOf(letter, record, s.operation), key });
      }
    }
    await throttle(out.length);
    const taken = out.length === 0 ? [] : await appendAll(sink, out, pace);
    out.forEach(({ key }, i) => {
      counts.add(taken[i] ? 'applied' : 'too-large');
      if (!taken[i]) held.add(key);
    });
    s.progress();
  };

  try {
    for (const [i, letters] of byTarget.entries()) {
      if (letters.length === 0) continue;
      const target = at(targets, i);
      const slash = target.lastIndexOf('/');
      const [topic, partition] = [target.slice(0, slash), Number(target.slice(slash + 1))];
      const sink = sinks.get(topic) ?? (await s.cluster.appender(topic));
      sinks.set(topic, sink);
      const before = await putBefore(s, topic, partition);
      const held = new Set<string>();
      for (let at = 0; at < letters.length; at += CHUNK)
        await sendChunk(sink, partition, letters.slice(at, at + CHUNK), before, held);
    }
  } finally {
    for (const sink of sinks.values()) await sink.stop();
  }
};
