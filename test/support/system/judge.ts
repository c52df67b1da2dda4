import type { Expected, Violation } from '../../engine/facts.ts';
import { readTopic, type SeenRecord } from './console-reader.ts';
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
  /** The reading ends when nothing new has come for so long. */
  readonly quietMs?: number;
  /** How topics are read. Default: Kafka's console consumer on this machine. */
  readonly read?: (topic: string, quietMs: number) => AsyncIterable<SeenRecord>;
}

/** Holds everything that is visible at read_committed, as Kafka's own console consumer shows it, to all guarantees. */
export const judge = async (
  system: Pick<System, 'brokers' | 'topics'>,
  o: JudgeOptions,
): Promise<Judgement> => {
  const quietMs = o.quietMs ?? 15_000;
  const read = o.read ?? ((topic: string) => readTopic(system.brokers, topic, quietMs));
  const ends = createEnds(o.sent, o.expected);
  const tell = async (topic: string, to: (record: SeenRecord) => void): Promise<number> => {
    let n = 0;
    for await (const record of read(topic, quietMs)) {
      to(record);
      n++;
    }
    return n;
  };
  const [results, deadLetters] = await Promise.all([
    tell(system.topics.results, ends.result),
    tell(system.topics.deadLetters, ends.deadLetter),
  ]);
  return { violations: ends.violations(), results, deadLetters };
};
