import type { Expected, Violation } from '../../engine/facts.ts';
import { AFTER_ALL_MS, QUIET_MS, readTopic, type SeenRecord } from './console-reader.ts';
import { createEnds } from './ends.ts';
import type { Sent } from './load.ts';
import type { System } from './system.ts';

interface Judgement {
  readonly violations: readonly Violation[];
  readonly results: number;
  readonly deadLetters: number;
}

interface JudgeOptions {
  readonly sent: readonly Sent[];
  readonly expected: (word: string) => Expected;
  /** The reading ends when nothing new has come for so long; default 120,000. Once every word has ended, 8,000 are enough. */
  readonly quietMs?: number;
  /** How topics are read, to an end of its own at the latest. Default: Kafka's console consumer on this machine. */
  readonly read?: (topic: string, quietMs: number, enough: AbortSignal) => AsyncIterable<SeenRecord>;
}

/** Holds everything that is visible at read_committed, as Kafka's own console consumer shows it, to all guarantees. */
export const judge = async (
  system: Pick<System, 'brokers' | 'topics'>,
  o: JudgeOptions,
): Promise<Judgement> => {
  const quietMs = o.quietMs ?? QUIET_MS;
  const read =
    o.read ??
    ((topic: string, ms: number, enough: AbortSignal) => readTopic(system.brokers, topic, ms, enough));
  const ends = createEnds(o.sent, o.expected);
  const enough = new AbortController();
  let end: NodeJS.Timeout | undefined;
  const endSoon = (): void => {
    clearTimeout(end);
    end = setTimeout(() => enough.abort(), AFTER_ALL_MS);
  };
  const tell = async (topic: string, to: (record: SeenRecord) => void): Promise<number> => {
    let n = 0;
    for await (const record of read(topic, quietMs, enough.signal)) {
      to(record);
      n++;
      if (ends.complete()) endSoon();
    }
    return n;
  };
  const [results, deadLetters] = await Promise.all([
    tell(system.topics.results, ends.result),
    tell(system.topics.deadLetters, ends.deadLetter),
  ]);
  clearTimeout(end);
  return { violations: ends.violations(), results, deadLetters };
};
