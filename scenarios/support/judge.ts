import { createGuarantees } from '@verdikt/processor/testing/guarantees.ts';
import type { Expected, Violation } from '@verdikt/processor/testing/facts.ts';
import { readTopic, type SeenRecord } from './console-reader.ts';
import type { Sent } from './load.ts';
import type { System } from './system.ts';

export interface Judgement {
  readonly violations: readonly Violation[];
  readonly results: number;
  readonly deadLetters: number;
}

export interface JudgeOptions {
  readonly sent: readonly Sent[];
  readonly expected: (word: string) => Expected;
  /** The reading ends when nothing new has come for so long. */
  readonly quietMs?: number;
  /** How topics are read. Default: Kafka's console consumer on this machine. */
  readonly read?: (topic: string, quietMs: number) => AsyncIterable<SeenRecord>;
}

interface Verdict {
  readonly id: string;
  readonly accepted: boolean;
  readonly attempts: number;
}

/**
 * The records of one transaction become visible together, but lie in two topics and are appended one topic after the other.
 * Anything that is really out of order is a retry apart, which is more.
 */
const TOGETHER_MS = 50;

/** Verdicts and dead letters of a key in the order of submission, by the time at which the broker appended them. */
const orderOverTopics = (sent: readonly Sent[], appended: ReadonlyMap<string, number>): Violation[] => {
  const latest = new Map<string, number>();
  const out: Violation[] = [];
  for (const { id, key, counter } of sent) {
    const at = appended.get(id);
    if (at === undefined) continue;
    const before = latest.get(key) ?? 0;
    if (at + TOGETHER_MS < before)
      out.push({ law: 'order', detail: `number ${counter} of ${key} came ${before - at} ms early` });
    latest.set(key, Math.max(before, at));
  }
  return out;
};

/** Holds everything that is visible at read_committed, as Kafka's own console consumer shows it, to all guarantees. */
export const judge = async (
  system: Pick<System, 'brokers' | 'topics'>,
  o: JudgeOptions,
): Promise<Judgement> => {
  const quietMs = o.quietMs ?? 15_000;
  const read = o.read ?? ((topic: string) => readTopic(system.brokers, topic, quietMs));
  const guarantees = createGuarantees({
    oracle: ({ word }) => (word === undefined ? undefined : o.expected(word)),
  });
  for (const s of o.sent) guarantees.accepted(s);
  const appended = new Map<string, number>();
  let results = 0;
  let deadLetters = 0;
  const reading = [
    (async () => {
      for await (const r of read(system.topics.results, quietMs)) {
        const v = JSON.parse(r.value) as Verdict;
        results++;
        appended.set(v.id, r.timestamp);
        guarantees.result({
          ...{ id: v.id, key: r.key, partition: r.partition, offset: r.offset },
          origin: Number(r.headers.get('verdikt-origin')),
          answer: String(v.accepted),
          attempts: v.attempts,
        });
      }
    })(),
    (async () => {
      for await (const r of read(system.topics.deadLetters, quietMs)) {
        deadLetters++;
        appended.set(r.headers.get('id') ?? '', r.timestamp);
        guarantees.deadLetter({
          ...{
            id: r.headers.get('id') ?? '',
            key: r.key,
            partition: r.partition,
            offset: r.offset,
            at: r.timestamp,
          },
          origin: Number(r.headers.get('verdikt-origin')),
          attempts: Number(r.headers.get('verdikt-attempts')),
          reason: r.headers.get('verdikt-reason') ?? '',
        });
      }
    })(),
  ];
  await Promise.all(reading);
  return { violations: [...guarantees.check(), ...orderOverTopics(o.sent, appended)], results, deadLetters };
};
