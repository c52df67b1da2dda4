import { silentLog } from '@verdikt/core/log.ts';
import { describe, expect, test } from '@jest/globals';
import { topicNames } from '@verdikt/core/topics.ts';
import { rejects } from '../testing/contracts/subject.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { memoryAccess } from '../testing/memory-access.ts';
import { MemoryBroker } from '../testing/memory-broker.ts';
import { memoryLogReader } from '../testing/memory-logs.ts';
import { outRecord } from '../testing/records.ts';
import { createPolicies } from './make-policy.ts';
import { restore } from './restore.ts';

const topics = topicNames('', 'g');
const setup = () => {
  const broker = new MemoryBroker({ clock: manualClock() });
  for (const topic of Object.values(topics)) broker.createTopic(topic, { partitions: 1 });
  const policy = createPolicies({
    topics,
    bounds: {
      dedup: true,
      dedupWindowMs: 600_000,
      dedupMaxIds: 1000,
      laneMaxEntries: 100,
      laneValueMaxBytes: 1000,
      compactionFactor: 4,
      compactionSlack: 1000,
      compactionMaxRecords: 500,
      trimAfter: 1000,
      deadLetterMax: 10,
      parks: false,
      maxRedrives: 3,
      commandsMax: 1000,
      waitMs: 1000,
    },
    retry: { maxAttempts: 3, baseMs: 10, multiplier: 2, maxMs: 100, jitter: 'none' },
    sizes: { recordMaxBytes: 1_000, outputMaxBytes: 8_000 },
    log: silentLog,
    encodeVerdict: (judged) => JSON.stringify(judged),
    newLimit: () => ({
      admit: () => 'write',
      probe: () => true,
      succeeded: () => undefined,
      heldUntil: (n) => n,
      state: () => 'closed',
      reset: () => undefined,
    }),
    random: () => 0.5,
  })(0);
  const take = (committed: bigint | null) =>
    restore(
      memoryLogReader(broker),
      policy,
      { words: committed, control: null },
      broker.clock.now(),
      100,
    ).then((r) => r.nextOffset);
  return { broker, access: memoryAccess(broker), take };
};
const record = outRecord({ key: 'k', value: 'v' });

describe('where a task begins', () => {
  test('without offset and without verdicts: at the start of its log', async () => {
    const { broker, take } = setup();
    broker.append(topics.words, 0, record);
    expect(await take(null)).toBe(0n);
    broker.log(topics.words, 0).trim(1);
    expect(await take(null)).toBe(1n);
  });

  test('a first transaction that was aborted leaves no verdict, only its traces', async () => {
    const { access, take } = setup();
    await (await access.open(topics.results, 0, [record])).abort();
    expect(await take(null)).toBe(0n);
  });

  test('verdicts without offset: it has been lost, stop', async () => {
    const { access, take } = setup();
    await (await access.open(topics.results, 0, [record])).commit();
    await rejects(take(null), 'OFFSET_LOST');
  });

  test('verdicts that retention has deleted count too', async () => {
    const { access, broker, take } = setup();
    await (await access.open(topics.results, 0, [record])).commit();
    broker.log(topics.results, 0).trim(2);
    await rejects(take(null), 'OFFSET_LOST');
  });

  test('an offset outside of the log: records are gone, or the topic was made anew', async () => {
    const { broker, take } = setup();
    for (let i = 0; i < 3; i++) broker.append(topics.words, 0, record);
    broker.log(topics.words, 0).trim(2);
    await rejects(take(1n), 'OFFSET_LOST');
    expect([await take(2n), await take(3n)]).toEqual([2n, 3n]);
    await rejects(take(4n), 'OFFSET_LOST');
  });
});
