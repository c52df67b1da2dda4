// `npm run proof:hand-over [-- words] [--keyed]` (4,000,000): one processor judges so many words, is killed, and another one takes over.
// Prints how long new words then wait for their verdicts, and the most memory that each of the two took. With `--keyed` the words are
// written as those under an Idempotency-Key: all of them are remembered. Starts a Kafka and a registry of its own.
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { committedOffset } from '../../kafka/group/group-offsets.ts';
import { DEFAULT_MEMORY_LIMIT_MIB } from '@verdikt/processor/memory.ts';
import { conclude, memory, openOwnSystem, say } from './own-system.ts';

const WORDS = Number(process.argv.slice(2).find((a) => /^\d+$/.test(a)) ?? 4_000_000);
const KEYED = process.argv.includes('--keyed');
const KEYS = 20_000;
/** The session of the processor that was killed, and what the next one may take. */
const MOST_MS = 13_000;

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

const own = await openOwnSystem();
const { system } = own;
const { topics, partitions } = system;
const kafka = createKafka({ brokers: own.broker.brokers, clientId: 'proof' });
const link = kafka.link();
const write = (count: number): Promise<void> =>
  own.write(count, (n) => ({ key: `key-${n % KEYS}`, word: 'level', keyed: KEYED }));

const judged = async (): Promise<number> => {
  const group = systemId(topics.words, system.group);
  const offsets = await Promise.all(
    Array.from({ length: partitions }, (_, p) => committedOffset(link, group, topics.words, p, systemClock)),
  );
  return offsets.reduce<number>((sum, offset) => sum + (offset ?? 0), 0);
};

const until = async (count: number): Promise<void> => {
  while ((await judged()) < count) await pause(100);
};

let peak = 0;
let tookMs = Infinity;
try {
  let started = performance.now();
  const first = await system.processor();
  await write(WORDS);
  say(`${WORDS} words written in ${seconds(started)} s`);
  await until(own.written());
  say(`judged ${seconds(started)} s after the first was written`);
  peak = memory(first, 'the first processor');
  first.child.kill('SIGKILL');
  started = performance.now();
  const starting = system.processor();
  // One for each key, so some for each task.
  await write(KEYS);
  await until(own.written());
  tookMs = performance.now() - started;
  say(`${KEYS} new words judged ${seconds(started)} s after the kill`);
  peak = Math.max(peak, memory(await starting, 'the second processor'));
} finally {
  await link.close();
  await kafka.close();
  await own.stop();
}
conclude(tookMs <= MOST_MS && peak <= DEFAULT_MEMORY_LIMIT_MIB);
