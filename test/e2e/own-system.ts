// What proofs of one system with millions of words share: a Kafka and a registry of their own, words as an edge writes them, and what is
// told at the end.
import { startKafka } from '@verdikt/local/kafka.ts';
import { startRegistry } from '@verdikt/local/registry.ts';
import { openSystem, type Fields, type Service } from '../support/system/system.ts';
import { cpuSeconds, peakRssMiB } from '../support/system/usage.ts';
import { openWordWriter, type WrittenWord } from '../support/system/word-writer.ts';

const CHUNK = 5_000;

export const say = (text: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${text}`);

/** The most memory that a processor has taken so far, MiB. */
export const memory = ({ child }: Service, name: string): number => {
  const pid = child.pid as number;
  const peak = Math.round(peakRssMiB(pid));
  say(`${name}: ${peak} MiB resident at most, ${cpuSeconds(pid).toFixed(0)} s of CPU`);
  return peak;
};

export const openOwnSystem = async (processor: Fields = {}) => {
  const broker = await startKafka({ profile: 'bench', say });
  const registry = await startRegistry({ say });
  const place = { brokers: broker.brokers.join(','), registryUrl: registry.url };
  const system = await openSystem({ ...place, processor });
  const { topics, partitions } = system;
  const writer = await openWordWriter({
    ...{ brokers: broker.brokers, registryUrl: registry.url, topic: topics.words, partitions },
  });
  let written = 0;
  return {
    ...{ broker, system },
    written: () => written,
    /** Writes so many more; `of` says what word number n is. */
    write: async (count: number, of: (n: number) => Omit<WrittenWord, 'id'>): Promise<void> => {
      for (const end = written + count; written < end;) {
        const words = Array.from({ length: Math.min(CHUNK, end - written) }, (_, k) => ({
          id: `0198c2e5-7a10-7c3e-9f00-${String(written + k).padStart(12, '0')}`,
          ...of(written + k),
        }));
        await writer.write(words);
        written += words.length;
      }
    },
    stop: async (): Promise<void> => {
      await writer.close();
      await system.stop();
      await registry.stop();
      await broker.stop();
    },
  };
};

/** The last line, and the exit code. */
export const conclude = (passed: boolean): void => {
  console.log(passed ? '1 passed, 0 failed' : '0 passed, 1 failed');
  process.exitCode = passed ? 0 : 1;
};
