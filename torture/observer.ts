import { setTimeout as pause } from 'node:timers/promises';
import { readTopic, readWhole, type SeenRecord } from '../scenarios/support/console-reader.ts';

/** Where the end of a submission was seen. */
export interface Seen {
  readonly topic: 'results' | 'dead-letters';
  readonly record: SeenRecord;
}

/** A reader at read_committed that runs beside the cell, from its first moment. */
export interface Observer {
  /** All that it has seen, in its order. */
  readonly seen: readonly Seen[];
  /** Resolves when it has seen `n` records that `count`, or nothing new for `quietMs`; tells which. */
  settled(n: number, quietMs: number, count: (seen: Seen) => boolean): Promise<boolean>;
  stop(): Promise<void>;
}

/** Longer than any cell: the reader ends when told to. */
const FOR_EVER_MS = 86_400_000;

type Topics = { readonly results: string; readonly deadLetters: string };

export const observe = async (brokers: string, topics: Topics): Promise<Observer> => {
  const seen: Seen[] = [];
  let last = Date.now();
  const over = new AbortController();
  const follow = async (topic: Seen['topic'], name: string): Promise<void> => {
    // A reader whose brokers are away for long gives up; it then begins again, and what it saw before counts once.
    const known = new Set<string>();
    while (!over.signal.aborted) {
      for await (const record of readTopic(brokers, name, FOR_EVER_MS, over.signal)) {
        const place = `${record.partition}@${record.offset}`;
        if (known.has(place)) continue;
        known.add(place);
        seen.push({ topic, record });
        last = Date.now();
      }
      if (!over.signal.aborted) await pause(500);
    }
  };
  const reading = Promise.all([
    follow('results', topics.results),
    follow('dead-letters', topics.deadLetters),
  ]);
  return {
    seen,
    settled: async (n, quietMs, count) => {
      last = Date.now();
      while (seen.length < n || seen.filter(count).length < n) {
        if (Date.now() - last > quietMs) return false;
        await pause(100);
      }
      return true;
    },
    stop: async () => {
      over.abort();
      await reading;
    },
  };
};

/** Everything in both topics, read anew from the start by readers that share nothing with the one above. */
export const readAll = async (brokers: string, topics: Topics, quietMs: number): Promise<Seen[]> => {
  const read = async (topic: Seen['topic'], name: string): Promise<Seen[]> =>
    (await readWhole(brokers, name, quietMs)).map((record) => ({ topic, record }));
  const both = await Promise.all([read('results', topics.results), read('dead-letters', topics.deadLetters)]);
  return both.flat();
};
