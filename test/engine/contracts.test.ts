import { ServiceError } from '@verdikt/core/errors.ts';
import { logsContract } from './contracts/logs.ts';
import { membershipContract } from './contracts/membership.ts';
import { producersContract } from './contracts/producers.ts';
import { sourceContract } from './contracts/source.ts';
import { transactionsContract } from './contracts/transactions.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { memoryAccess } from './memory-access.ts';
import { MemoryBroker } from './memory-broker.ts';
import { createMemoryGroup } from './memory-group.ts';
import { memoryLogReader, memoryTrimmer } from './memory-logs.ts';
import { memoryProducers } from './memory-producers.ts';
import { memorySource } from './memory-source.ts';
import { memoryTransactions } from './memory-transactions.ts';
import { createSteps, plannedFaults } from './steps.ts';

const topics = { words: 'words', results: 'results', retry: 'words.retry.g' };

/** Markers come late, as they do in Kafka. */
const lateMarkers = (write: () => void): void => void setImmediate(write);

const newBroker = (markers?: (write: () => void) => void, clock = manualClock()): MemoryBroker => {
  const broker = new MemoryBroker({ clock, ...(markers === undefined ? {} : { markers }) });
  for (const topic of Object.values(topics))
    broker.createTopic(topic, { partitions: 2, logAppendTime: topic === topics.retry });
  return broker;
};

const close = (): Promise<void> => Promise.resolve();
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

for (const [name, markers] of [
  ['in memory', undefined],
  ['in memory, late markers', lateMarkers],
] as const) {
  producersContract(name, () => {
    const clock = manualClock();
    return Promise.resolve({ ...memoryProducers(newBroker(markers, clock), clock, topics.words), close });
  });

  transactionsContract(name, () => {
    const broker = newBroker(markers);
    const faults = plannedFaults();
    const steps = createSteps({ fault: faults.fault });
    return Promise.resolve({
      ...memoryAccess(broker),
      read: async (topic, partition) => {
        await settle();
        return memoryAccess(broker).read(topic, partition);
      },
      topics,
      tooLargeBytes: 1_000_001,
      process: () => memoryTransactions(broker, { group: 'g', wordsTopic: topics.words, steps }),
      loseCommitAnswer: () => faults.next('after-end', new ServiceError('COMMIT_UNCONFIRMED', 'no answer')),
      close,
    });
  });
}

sourceContract('in memory', () => {
  const broker = newBroker();
  return Promise.resolve({
    ...memoryAccess(broker),
    topic: topics.words,
    source: memorySource(broker, topics.words),
    close,
  });
});

logsContract('in memory', () => {
  const broker = newBroker();
  return Promise.resolve({
    ...memoryAccess(broker),
    topic: topics.words,
    reader: memoryLogReader(broker),
    trimmer: memoryTrimmer(broker),
    another: () => {
      broker.createTopic('another', { partitions: 1 });
      return Promise.resolve('another');
    },
    again: (topic) => {
      broker.deleteTopic(topic);
      broker.createTopic(topic, { partitions: 1 });
      return Promise.resolve();
    },
    close,
  });
});

membershipContract('in memory', () => {
  const group = createMemoryGroup(3);
  let processes = 0;
  return Promise.resolve({
    partitions: 3,
    process: () => {
      const id = `m${processes++}`;
      return { membership: group.member(id), kill: () => group.kill(id) };
    },
    close,
  });
});
