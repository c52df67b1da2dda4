import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { H } from '@verdikt/core/record/headers.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { kafkaTool } from '@verdikt/local/kafka-tools.ts';
import { parseRetryEntry } from '@verdikt/core/record/retry-entry.ts';
import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { System } from '../../support/system/system.ts';

/** What somebody does with Kafka's own tools, who knows nothing of verdikt. */

const server = ({ brokers }: System): string[] => ['--bootstrap-server', brokers];

export const deleteRecords = async (
  system: System,
  topic: string,
  partition: number,
  offset: number,
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'verdikt-cut-'));
  try {
    const file = join(folder, 'offsets.json');
    await writeFile(file, JSON.stringify({ version: 1, partitions: [{ topic, partition, offset }] }));
    await kafkaTool('delete-records', [...server(system), '--offset-json-file', file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

export const addPartitions = (system: System, topic: string, partitions: number): Promise<string> =>
  kafkaTool('topics', [
    ...server(system),
    ...['--alter', '--topic', topic, '--partitions', String(partitions)],
  ]);

export const deleteTopic = (system: System, topic: string): Promise<string> =>
  kafkaTool('topics', [...server(system), '--delete', '--topic', topic]);

/** Deleting takes the brokers a moment, and a topic of that name cannot be created before. */
export const createTopic = async (
  system: System,
  topic: string,
  settings: readonly string[],
): Promise<void> => {
  const what = ['--create', '--topic', topic, '--partitions', String(system.partitions)];
  for (let i = 0; ; i++) {
    try {
      await kafkaTool('topics', [
        ...[...server(system), ...what],
        ...settings.flatMap((s) => ['--config', s]),
      ]);
      return;
    } catch (e) {
      if (i === 10) throw e;
    }
  }
};

/** Kafka's group id of a system. */
const groupId = ({ topics, group }: System): string => systemId(topics.words, group);

/** The group must have no members. */
export const resetToEarliest = (system: System, partition: number): Promise<string> =>
  kafkaTool('consumer-groups', [
    ...[...server(system), '--group', groupId(system), '--reset-offsets', '--to-earliest', '--execute'],
    ...['--topic', `${system.topics.words}:${partition}`],
  ]);

/** Committed offsets of the source topic by partition; 0 where there is none. */
export const committedOffsets = async (system: System): Promise<number[]> => {
  const text = await kafkaTool('consumer-groups', [
    ...server(system),
    ...['--group', groupId(system), '--describe', '--offsets'],
  ]);
  const out = Array.from({ length: system.partitions }, () => 0);
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const at = fields.indexOf(system.topics.words);
    const [partition, offset] = [Number(fields[at + 1]), Number(fields[at + 2])];
    if (at >= 0 && partition < out.length && Number.isInteger(offset)) out[partition] = offset;
  }
  return out;
};

/** Outstanding entries of a retry partition: origin to id, as they are up to `end`. */
export interface Outstanding {
  readonly end: number;
  readonly live: ReadonlyMap<number, string>;
}

/** What can be read of a system. */
export interface Reader {
  outstanding(task: number): Promise<Outstanding>;
  /** Ids of the submissions in `words` from that offset on, and at or after that time (ms since 1970, default always), by offset. */
  words(partition: number, from: number, since?: number): Promise<ReadonlyMap<number, string>>;
  close(): Promise<void>;
}

export const openReader = ({ brokers, topics }: System): Reader => {
  const kafka = createKafka({ brokers: brokers.split(','), clientId: 'operator' });
  const logs: LogReader = kafka.logs();
  return {
    outstanding: async (task) => {
      const { start, end } = await logs.bounds(topics.retry, task);
      const live = new Map<number, string>();
      await logs.scan(topics.retry, task, start, end, (record) => {
        const entry = parseRetryEntry(record);
        if (entry.kind === 'entry') live.set(entry.origin, record.headerText(H.id) ?? '');
        if (entry.kind === 'completed') for (const { origin } of entry.ended) live.delete(origin);
      });
      return { end, live };
    },
    words: async (partition, from, since = 0) => {
      const { start, end } = await logs.bounds(topics.words, partition);
      const ids = new Map<number, string>();
      await logs.scan(topics.words, partition, Math.max(start, from), end, (record) => {
        if (record.timestamp >= since) ids.set(record.offset, record.headerText(H.id) ?? '');
      });
      return ids;
    },
    close: () => kafka.close(),
  };
};
