import { describe, expect, test } from '@jest/globals';
import {
  decodeMetadata,
  encodeMetadata,
  fingerprint,
  type CommitNote,
} from '@verdikt/core/record/commit-note.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { retryEntry } from '@verdikt/core/record/retry-entry.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { inRecord, outRecord } from '@verdikt/test/support/records.ts';
import { lookAtTask } from './look.ts';

const topics = topicNames('', 'g');
const SYSTEM = 'words/g';

const setup = () => {
  const broker = new MemoryBroker({ clock: manualClock() });
  for (const topic of Object.values(topics)) broker.createTopic(topic, { partitions: 1 });
  for (let i = 0; i < 10; i++) broker.append(topics.words, 0, outRecord({ key: 'k', value: 'v' }));
  const commit = (next: number, note: Partial<CommitNote> = {}): void =>
    broker.setOffset({
      ...{ group: SYSTEM, topic: topics.words, partition: 0, nextOffset: BigInt(next) },
      metadata: encodeMetadata({
        ...{ kind: 'commit', mark: { epoch: 0, last: {} } },
        note: { partitions: 1, ids: {}, ends: {}, live: 0, print: 0, origins: 0, ...note },
      }),
    });
  const told = (next: number, system = SYSTEM): number =>
    broker.append(
      topics.results,
      0,
      outRecord({ key: 'k', value: '', headers: { [H.next]: String(next), [H.group]: system } }),
    );
  let waits = 0;
  /** Called at each wait between two looks. */
  const meanwhile = { do: (_: number): void => undefined };
  const time = { late: new Promise<void>(() => undefined) };
  const reader = {
    logs: memoryLogReader(broker),
    offset: (group: string, topic: string, p: number) =>
      Promise.resolve({
        committed: broker.offset(group, topic, p),
        metadata: decodeMetadata(broker.metadata(group, topic, p)),
      }),
  };
  const wait = (): Promise<void> => Promise.resolve(meanwhile.do(++waits));
  return {
    ...{ broker, commit, told, meanwhile, time, reader },
    waits: () => waits,
    look: (lanes = true) =>
      lookAtTask(reader, { topics, system: SYSTEM, partitions: 1, lanes, wait, late: () => time.late }, 0),
  };
};

test('a task that would go on is looked at once', async () => {
  const { commit, told, look, waits } = setup();
  told(4);
  commit(4);
  expect(await look()).toMatchObject({ committed: 4n, error: undefined, entries: [] });
  expect(waits()).toBe(0);
});

describe('what the task would stop with is told, with the remedy', () => {
  test('OFFSET_MOVED', async () => {
    const { commit, told, look } = setup();
    told(6);
    commit(4);
    const { error } = await look();
    expect([error?.code, error?.message]).toEqual([
      'OFFSET_MOVED',
      expect.stringContaining('offsets set --partition 0 --to 6'),
    ]);
  });

  test('TOPIC_TAKEN', async () => {
    const { told, look } = setup();
    told(6, 'words/other');
    expect((await look()).error?.code).toBe('TOPIC_TAKEN');
  });

  test('TOPIC_CHANGED', async () => {
    const { commit, look } = setup();
    commit(4, { ids: { results: 'former' } });
    expect((await look()).error?.code).toBe('TOPIC_CHANGED');
  });

  test('OFFSET_LOST, for an entry of a lane, only where lanes are read', async () => {
    const { broker, commit, look } = setup();
    const record = inRecord({ key: 'k', value: 'v', offset: 1 });
    const state = { redrive: 0, attempt: 1, dueAt: 0, firstFailedAt: 0, reason: '', passed: [], parkedAt: 0 };
    for (const origin of [1, 2]) broker.append(topics.retry, 0, retryEntry(record, { ...state, origin }));
    commit(4, { live: 2, print: fingerprint(1, 0) });
    const { error, entries } = await look();
    expect([error?.code, entries]).toEqual(['OFFSET_LOST', undefined]);
    expect(await look(false)).toMatchObject({ error: undefined, entries: undefined });
  });
});

describe('a task that works meanwhile is no trouble', () => {
  test('its commit is seen late', async () => {
    const { commit, told, look, meanwhile } = setup();
    commit(4);
    told(6);
    meanwhile.do = () => commit(6);
    expect(await look()).toMatchObject({ committed: 6n, error: undefined });
  });

  test('it never stands still', async () => {
    const { commit, told, look, meanwhile, waits } = setup();
    commit(1);
    told(2);
    meanwhile.do = (n) => {
      commit(n + 1);
      told(n + 2);
    };
    expect((await look()).error).toBeUndefined();
    expect(waits()).toBe(4);
  });
});

test('TRANSACTION_HANGING: readers wait for a transaction that does not end', async () => {
  const { commit, told, look, time, reader } = setup();
  told(4);
  commit(4);
  reader.logs = { ...reader.logs, scan: () => new Promise(() => undefined) };
  time.late = Promise.resolve();
  expect((await look()).error?.code).toBe('TRANSACTION_HANGING');
});

test('what is no finding rejects', async () => {
  const { broker, look } = setup();
  broker.deleteTopic(topics.results);
  await expect(look()).rejects.toMatchObject({ code: 'TOPIC_INVALID' });
});
