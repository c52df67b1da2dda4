import type { Header, InRecord, OutRecord } from '@verdikt/core/record/record.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { DlqCluster } from './ports.ts';
import type { LetterSource } from './source.ts';

/** On a record in the quarantine, and on a foreign record that went back: the dead letter it was, `topic/partition/offset`. */
export const FROM = 'verdikt-redriven-from';
/** The operation that put it there. */
export const OPERATION = 'verdikt-operation';

const CHUNK = 200;

export const fromText = (topic: string, partition: number, offset: number): string =>
  `${topic}/${partition}/${offset}`;

/** The dead letters that partition `partition` of the quarantine holds. An absent topic holds none. */
export const readQuarantine = async (
  logs: LogReader,
  topic: string,
  partition: number,
): Promise<Set<string>> => {
  const found = new Set<string>();
  try {
    const { start, end } = await logs.bounds(topic, partition);
    const visit = (record: InRecord): void => {
      const from = record.headerText(FROM);
      if (from !== undefined) found.add(from);
    };
    if (start < end) await logs.scan(topic, partition, start, end, visit);
  } catch (e) {
    if (!isServiceError(e, 'TOPIC_INVALID')) throw e;
  }
  return found;
};

const copyOf = (record: InRecord, from: string, operation: string): OutRecord => ({
  key: record.key,
  value: record.value,
  headers: [
    ...record.headers().filter(([name]) => name !== FROM && name !== OPERATION),
    [FROM, from],
    [OPERATION, operation],
  ] satisfies Header[],
});

interface ToQuarantine {
  readonly cluster: DlqCluster;
  readonly source: LetterSource;
  /** Of the dead letters, and of the quarantine. */
  readonly topic: string;
  readonly quarantine: string;
  readonly operation: string;
}

/**
 * Copies these dead letters to the quarantine, each exactly once whatever happens: the writer shuts out every other one
 * first, then looks what is there, then writes what is missing in transactions. The letters stay where they are: a copy is
 * no end, and nothing is lost if it fails. Returns how many are there now.
 */
export const copyToQuarantine = async (
  { cluster, source, topic, quarantine, operation }: ToQuarantine,
  partition: number,
  offsets: readonly number[],
): Promise<number> => {
  const to = partition % (await cluster.partitionsOf(quarantine));
  const writer = await cluster.quarantine(quarantine, to);
  try {
    const there = await readQuarantine(cluster.logs, quarantine, to);
    const missing = offsets.filter((o) => !there.has(fromText(topic, partition, o)));
    let copied = offsets.length - missing.length;
    for (let i = 0; i < missing.length; i += CHUNK) {
      const chunk = missing.slice(i, i + CHUNK);
      const records = (await source.fetch(partition, chunk)).filter((r) => r !== undefined);
      await writer.commit(records.map((r) => copyOf(r, fromText(topic, partition, r.offset), operation)));
      copied += records.length;
    }
    return copied;
  } finally {
    await writer.close();
  }
};
