import { describe, expect, test } from '@jest/globals';
import { H } from '@verdikt/core/record/headers.ts';
import { topicNames } from '@verdikt/core/record/topics.ts';
import { rejects } from '@verdikt/test/engine/contracts/subject.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { memoryAccess } from '@verdikt/test/engine/memory-access.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { outRecord } from '@verdikt/test/support/records.ts';
import { EntryTable } from '../state/entries.ts';
import { inspectWritten } from './inspect.ts';
import { Ledger } from '../state/ledger.ts';

const topics = topicNames('', 'g');
const told = (system: string) => outRecord({ value: '', headers: { [H.next]: '3', [H.group]: system } });

const setup = () => {
  const broker = new MemoryBroker({ clock: manualClock() });
  for (const topic of Object.values(topics)) broker.createTopic(topic, { partitions: 1 });
  const facts = { ids: {}, ends: { results: 0, retry: 0, deadLetters: 0 } };
  const ledger = new Ledger(topics, 1, facts, new EntryTable());
  const strangers: number[] = [];
  const deps = {
    ...{ task: 0, system: 'words/g', ledger, logs: memoryLogReader(broker) },
    strangers: (_: unknown, n: number) => void strangers.push(n),
  };
  const plan = { outputs: [{ topic: topics.results, records: [outRecord({})] }], nextOffset: 1n };
  return {
    broker,
    strangers,
    access: memoryAccess(broker),
    at: (offset: number) => inspectWritten(deps, plan, { offsets: [[offset]], appendTime: -1 }),
  };
};

describe('what lies before the first record of a plan, where nothing should', () => {
  test('nothing: fine', async () => {
    await setup().at(0);
  });

  test('a transaction that was aborted: no matter', async () => {
    const { access, at, strangers } = setup();
    await (await access.open(topics.results, 0, [told('words/other')])).abort();
    await at(2);
    expect(strangers).toEqual([]);
  });

  test('records of another system: the topic is taken', async () => {
    const { access, at } = setup();
    await (await access.open(topics.results, 0, [outRecord({}), told('words/other')])).commit();
    await rejects(at(3), 'TOPIC_TAKEN');
  });

  test('records of our own that were not read: the read was stale', async () => {
    const { broker, at } = setup();
    broker.append(topics.results, 0, told('words/g'));
    await rejects(at(1), 'TRANSACTION_FAILED');
  });

  test('records that no system wrote: told, and passed over', async () => {
    const { broker, at, strangers } = setup();
    for (let i = 0; i < 2; i++) broker.append(topics.results, 0, outRecord({ value: 'x' }));
    await at(2);
    expect(strangers).toEqual([2]);
  });
});
