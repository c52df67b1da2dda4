// `npm run proof:hand-over [-- words] [--keyed]` (4,000,000): one processor judges so many words, is killed, and another one takes over.
// Prints how long new words then wait for their verdicts, and the most memory that each of the two took. With `--keyed` the words are
// written as those under an Idempotency-Key: all of them are remembered. Starts a Kafka and a registry of its own.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuSeconds, peakRssMiB } from '../support/system/usage.ts';
import { systemClock } from '@verdikt/core/ports/clock.ts';
import { systemId } from '@verdikt/core/record/system.ts';
import { createKafka } from '@verdikt/kafka/connect.ts';
import { committedOffset } from '../../kafka/group/group-offsets.ts';
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { DEFAULT_MEMORY_LIMIT_MIB } from '@verdikt/processor/memory.ts';
import { openSystem, type Service } from '../support/system/system.ts';
import { openWordWriter } from '../support/system/word-writer.ts';

const WORDS = Number(process.argv.slice(2).find((a) => /^\d+$/.test(a)) ?? 4_000_000);
const KEYED = process.argv.includes('--keyed');
const CHUNK = 5_000;
const KEYS = 20_000;
/** The session of the processor that was killed, and what the next one may take. */
const MOST_MS = 13_000;

const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);
const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);

const broker = await startKafka({ profile: 'bench', say });
const registry = await startRegistry({ say });
const system = await openSystem({ brokers: broker.brokers.join(','), registryUrl: registry.url });
const { topics, partitions } = system;
const kafka = createKafka({ brokers: broker.brokers, clientId: 'proof' });
const link = kafka.link();
const writer = await openWordWriter({
  ...{ brokers: broker.brokers, registryUrl: registry.url, topic: topics.words, partitions },
});
let next = 0;

/** Writes so many words as an edge does. */
const write = async (count: number): Promise<void> => {
  for (const end = next + count; next < end;) {
    const n = Math.min(CHUNK, end - next);
    const words = Array.from({ length: n }, (_, k) => ({
      id: `0198c2e5-7a10-7c3e-9f00-${String(next + k).padStart(12, '0')}`,
      ...{ key: `key-${(next + k) % KEYS}`, word: 'level', keyed: KEYED },
    }));
    await writer.write(words);
    next += n;
  }
};

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
const memory = ({ child }: Service, name: string): void => {
  const pid = child.pid as number;
  peak = Math.max(peak, peakRssMiB(pid));
  say(`${name}: ${Math.round(peakRssMiB(pid))} MiB resident at most, ${cpuSeconds(pid).toFixed(0)} s of CPU`);
};

let tookMs = Infinity;
try {
  let started = performance.now();
  const first = await system.processor();
  await write(WORDS);
  say(`${WORDS} words written in ${seconds(started)} s`);
  await until(next);
  say(`judged ${seconds(started)} s after the first was written`);
  memory(first, 'the first processor');
  first.child.kill('SIGKILL');
  started = performance.now();
  const starting = system.processor();
  // One for each key, so some for each task.
  await write(KEYS);
  await until(next);
  tookMs = performance.now() - started;
  say(`${KEYS} new words judged ${seconds(started)} s after the kill`);
  memory(await starting, 'the second processor');
} finally {
  await writer.close();
  await link.close();
  await system.stop();
  await kafka.close();
  await registry.stop();
  await broker.stop();
}
const passed = tookMs <= MOST_MS && peak <= DEFAULT_MEMORY_LIMIT_MIB;
console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
process.exitCode = passed ? 0 : 1;
