import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { silentLog } from '@verdikt/core/ports/log.ts';
import { systemTopics } from '@verdikt/core/record/topics.ts';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { MemoryBroker } from '@verdikt/test/engine/memory-broker.ts';
import { memoryLogReader } from '@verdikt/test/engine/memory-logs.ts';
import { memoryProcessor } from '@verdikt/test/support/memory-processor.ts';
import { chainOf } from './checks/run-chain.ts';
import { loadProcessorConfig } from './config.ts';

test('partitions that are added while it runs are told within a minute, by the log and by its readiness', async () => {
  const env = { KAFKA_BROKERS: 'm:1', SCHEMA_REGISTRY_URL: 'http://m', VERDIKT_PARTITIONS: '1' };
  const config = loadProcessorConfig(env, () => '');
  const { words, ...others } = systemTopics(config);
  const clock = manualClock();
  const broker = new MemoryBroker({ clock });
  for (const name of [words, ...Object.values(others)]) broker.createTopic(name, { partitions: 1 });
  const base = memoryLogReader(broker);
  let partitions = 1;
  const logged: object[] = [];
  const { made } = memoryProcessor(broker, {
    ...{
      config,
      clock,
      chain: chainOf([{ name: 'c', run: () => ({ kind: 'pass', answer: true, detail: null }) }]),
    },
    logs: {
      ...base,
      describe: async (names) =>
        (await base.describe(names)).map((d, i) => (names[i] === words ? { ...d, partitions } : d)),
    },
    log: {
      ...silentLog,
      error: (fields) => void logged.push(fields),
      warn: (fields) => void logged.push(fields),
      child: () => silentLog,
    },
  });
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1_000);
      for (let j = 0; j < 20; j++) await turn();
    }
  };
  await made.start();
  await pass(60);
  expect([made.ready(), logged]).toEqual([true, []]);
  partitions = 3;
  await pass(60);
  expect(made.ready()).toBe(
    `TOPIC_CHANGED: ${words} has 3 partitions, this system uses 1; what is in the new ones is not checked`,
  );
  expect(logged).toEqual([{ code: 'TOPIC_CHANGED', topic: words, partitions: 3, expected: 1 }]);
  partitions = 4;
  await pass(60);
  expect(logged.slice(1)).toEqual([{ code: 'TOPIC_CHANGED', topic: words, partitions: 4, expected: 1 }]);
  const stopped = made.stop();
  await pass(5);
  await stopped;
});
