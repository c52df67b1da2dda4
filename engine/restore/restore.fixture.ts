import {
  fingerprint,
  xor53,
  type CommitNote,
  type OffsetMetadata,
} from '@verdikt/core/record/commit-note.ts';
import { isServiceError, type ServiceError } from '@verdikt/core/errors.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { retryEntry } from '@verdikt/core/record/retry-entry.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { memoryAccess } from '@verdikt/test/engine/memory-access.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { inRecord, outRecord } from '@verdikt/test/support/records.ts';
import { restore, type Restored } from './restore.ts';
import { newState } from '../state/state.fixture.ts';

export const topics = topicNames('', 'g');
export const LOGS = { results: 0, retry: 0, deadLetters: 0 };

/** As a task commits it, without a word about the state. */
export const OURS: OffsetMetadata = { kind: 'commit', mark: { epoch: 0, last: {} }, note: undefined };
export const FOREIGN: OffsetMetadata = { kind: 'foreign' };
export const accepted = (note?: CommitNote): OffsetMetadata => ({
  kind: 'accepted',
  accepted: { at: 1 },
  note,
});
export const noted = (note: Partial<CommitNote>): OffsetMetadata => ({
  kind: 'commit',
  mark: { epoch: 0, last: {} },
  note: { partitions: 1, ids: {}, ends: LOGS, live: 0, print: 0, origins: 0, ...note },
});
export const ofEntries = (...origins: readonly number[]): Partial<CommitNote> => ({
  live: origins.length,
  print: origins.reduce((x, o) => xor53(x, fingerprint(o, 0)), 0),
  origins: origins.reduce(xor53, 0),
});

export const setup = (partitions = 1, context = newState().context) => {
  const clock = manualClock();
  const broker = new MemoryBroker({ clock });
  for (const topic of Object.values(topics)) broker.createTopic(topic, { partitions });
  const record = outRecord({ key: 'k', value: 'v' });
  const logs = memoryLogReader(broker);
  const read = async (committed: bigint | null, metadata: OffsetMetadata = OURS): Promise<Restored> =>
    restore(logs, context, { words: committed, control: null, metadata }, broker.clock.now(), 100);
  const take = async (...at: Parameters<typeof read>): Promise<bigint> => (await read(...at)).nextOffset;
  return {
    clock,
    broker,
    logs,
    access: memoryAccess(broker),
    take,
    read,
    words: (n: number) => {
      for (let i = 0; i < n; i++) broker.append(topics.words, 0, record);
    },
    /** An output of a task that committed `next` with it. */
    told: (topic: string, next: number, system = 'words/g', headers: Readonly<Record<string, string>> = {}) =>
      broker.append(
        topic,
        0,
        outRecord({
          key: 'k',
          value: '',
          headers: { ...headers, [H.next]: String(next), [H.group]: system },
        }),
      ),
    entry: (origin: number) =>
      broker.append(
        topics.retry,
        0,
        retryEntry(inRecord({ key: 'k', value: 'v', offset: origin }), {
          ...{
            origin,
            redrive: 0,
            attempt: 1,
            dueAt: 0,
            firstFailedAt: 0,
            reason: '',
            passed: [],
            parkedAt: 0,
          },
        }),
      ),
    refused: async (committed: bigint | null, metadata?: OffsetMetadata): Promise<ServiceError> => {
      const error: unknown = await take(committed, metadata).catch((e: unknown) => e);
      if (!isServiceError(error)) throw new Error('it was not refused');
      return error;
    },
  };
};
