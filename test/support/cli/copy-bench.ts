import { Command } from 'commander';
import { decodeMetadata, encodeMetadata } from '@verdikt/core/record/commit-note.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { isServiceError } from '@verdikt/core/errors.ts';
import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { OutRecord } from '@verdikt/core/record/record.ts';
import { retryEntry } from '@verdikt/core/record/retry-entry.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '../../engine/memory-broker.ts';
import { memoryLogReader } from '../../engine/memory-logs.ts';
import { memoryTransactions } from '../../engine/memory-transactions.ts';
import { inRecord, outRecord } from '../records.ts';
import { addCopy } from '../../../cli/commands/copy.ts';
import type { Appended } from '@verdikt/operate/dlq/ports.ts';
import { createShell } from '../../../cli/shell/shell.ts';

export const OLD = topicNames('', 'g');
export const NEW = topicNames('new.', 'g');

/** `verdikt copy` over topics in memory: a system of `had` partitions whose `words` has `has`, and one of `to` under `new.`. */
export const copyBench = (had: number, has: number, to: number) => {
  const broker = new MemoryBroker({ clock: manualClock() });
  for (const [role, name] of Object.entries(OLD) as [keyof typeof OLD, string][])
    broker.createTopic(name, { partitions: role === 'words' ? has : had });
  for (const name of Object.values(NEW)) broker.createTopic(name, { partitions: to });
  const group = systemId(OLD.words, 'g');
  const state = {
    ...{ members: 0, out: '', err: '' },
    /** Called before each append; may throw, as a tool that is killed. */
    beforeAppend: (_: OutRecord): void => undefined,
    /** Called after the last one of each request. */
    afterAppend: (): void => undefined,
  };
  const append = (topic: string, partition: number, record: OutRecord): Appended => {
    state.beforeAppend(record);
    try {
      return { ok: true, offset: broker.append(topic, partition, record) };
    } catch (e) {
      if (isServiceError(e)) return { ok: false, code: e.code };
      throw e;
    }
  };
  const logs = memoryLogReader(broker);
  const cluster = {
    logs,
    // A topic that does not exist rejects.
    partitionsOf: async (topic: string) => (await logs.describe([topic]))[0].partitions,
    committed: () => Promise.resolve(null),
    offset: (g: string, topic: string, p: number) =>
      Promise.resolve({
        committed: broker.offset(g, topic, p),
        metadata: decodeMetadata(broker.metadata(g, topic, p)),
      }),
    transactions: memoryTransactions(broker, { group, wordsTopic: OLD.words }),
    appender: (topic: string) =>
      Promise.resolve({
        append: async (records: readonly { readonly partition: number; readonly record: OutRecord }[]) => {
          const done = records.map((r) => append(topic, r.partition, r.record));
          state.afterAppend();
          return Promise.resolve(done);
        },
        stop: () => Promise.resolve(),
      }),
    members: () => Promise.resolve(state.members),
    close: () => Promise.resolve(),
  };
  return {
    broker,
    state,
    group,
    /** A word in the partition where a client with so many partitions puts it, or in `at`. */
    word: (key: string | null, value: string, partitions: number, id?: string, at?: number): number => {
      const headers = id === undefined ? {} : { id };
      const p = at ?? (key === null ? 0 : partitionOf(Buffer.from(key), partitions));
      return broker.append(OLD.words, p, outRecord({ key, value, headers }));
    },
    /** An entry of a lane, as a task writes it, of a record that says `id`. */
    entry: (p: number, origin: number, key: string, value: string, id: string, redrive = 0): void => {
      const record = inRecord({ key, value, headers: { id, 'x-own': '1' }, offset: origin, timestamp: 5 });
      broker.append(
        OLD.retry,
        p,
        retryEntry(record, {
          ...{ origin, redrive, attempt: 3, dueAt: 9, firstFailedAt: 7, reason: 'http-5xx' },
          ...{ passed: [], parkedAt: 11, parkedFor: { kind: 'reject', error: 'e', stage: 's' } },
        }),
      );
    },
    commit: (p: number, next: number, wordsId = broker.topicId(OLD.words), live = 0): void =>
      broker.setOffset({
        ...{ group, topic: OLD.words, partition: p, nextOffset: BigInt(next) },
        metadata: encodeMetadata({
          ...{ kind: 'commit', mark: { epoch: 0, last: {} } },
          note: { partitions: had, ids: { words: wordsId }, ends: {}, live, print: 0, origins: 0 },
        }),
      }),
    verdikt: async (line: string): Promise<number> => {
      state.out = '';
      state.err = '';
      const shell = createShell({
        env: { KAFKA_BROKERS: 'a:1', VERDIKT_GROUP: 'g' },
        readFile: () => '',
        out: (text) => (state.out += text),
        err: (text) => (state.err += text),
      });
      const program = new Command('verdikt').exitOverride();
      addCopy(program, shell, {
        cluster: () => cluster,
        pace: { now: () => 0, pause: () => Promise.resolve() },
        ask: undefined,
        progress: undefined,
      });
      await program.parseAsync(['copy', '--to-prefix', 'new.', ...line.split(' ').filter((w) => w !== '')], {
        from: 'user',
      });
      return shell.code();
    },
    /** Values of the target by key, in order. */
    copied: (): Record<string, string[]> => {
      const all: Record<string, string[]> = {};
      for (let p = 0; p < to; p++)
        for (const r of broker.log(NEW.words, p).visible()) {
          const key = String(r.key);
          if (r.key !== null && partitionOf(r.key, to) !== p) throw new Error(`${key} lies in ${p}`);
          (all[key] ??= []).push(String(r.value));
        }
      return all;
    },
    records: () =>
      Array.from({ length: to }, (_, p) =>
        broker
          .log(NEW.words, p)
          .visible()
          .map((r) => r.detach()),
      ).flat(),
  };
};
