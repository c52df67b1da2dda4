import { setTimeout as pause } from 'node:timers/promises';
import { readTopic, readWhole, type SeenRecord } from '../support/system/console-reader.ts';

/** Where the end of a submission was seen. */
export interface Seen {
  readonly topic: 'results' | 'dead-letters';
  readonly record: SeenRecord;
  /** Number of the source topic that was judged, in the order in which they were; default 0. */
  readonly source?: number;
  /** Name of the log: a topic that was created again is another one. Default that of the topic. */
  readonly log?: string;
}

/** One log in which submissions end. */
export interface EndLog {
  readonly topic: Seen['topic'];
  /** Of the topic in Kafka. */
  readonly name: string;
  readonly source: number;
  /** Unique. */
  readonly log: string;
}

/** Holds up those who look at it. */
export class Gate {
  #open: (() => void) | undefined;
  opened: Promise<void> = Promise.resolve();

  get closed(): boolean {
    return this.#open !== undefined;
  }

  close(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.opened = promise;
    this.#open = resolve;
  }

  open(): void {
    this.#open?.();
    this.#open = undefined;
  }
}

/** A reader at read_committed of one log, that runs beside the cell. */
export interface Follower {
  readonly of: EndLog;
  /** All that it has seen, in its order. */
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/** Longer than any cell: the reader ends when told to. */
const FOR_EVER_MS = 86_400_000;

const seenIn = ({ topic, source, log }: EndLog, record: SeenRecord): Seen => ({ topic, source, log, record });

/** Hands over each record of a log at read_committed, in the order of its partition, until told to stop; while `look` waits, none. */
export const streamLog = (
  brokers: string,
  of: EndLog,
  take: (record: SeenRecord) => void,
  look?: Gate,
): { readonly stop: () => Promise<void> } => {
  const over = new AbortController();
  const read = async (): Promise<void> => {
    // A reader whose brokers are away for long gives up; it then begins again, and what it saw before counts once.
    const known = new Map<number, number>();
    while (!over.signal.aborted) {
      for await (const record of readTopic(brokers, of.name, FOR_EVER_MS, over.signal)) {
        if (record.offset <= (known.get(record.partition) ?? -1)) continue;
        known.set(record.partition, record.offset);
        if (look?.closed === true) await look.opened;
        take(record);
      }
      if (!over.signal.aborted) await pause(500);
    }
  };
  const reading = read();
  return {
    stop: async () => {
      over.abort();
      await reading;
    },
  };
};

export const follow = (brokers: string, of: EndLog): Follower => {
  const seen: Seen[] = [];
  const { stop } = streamLog(brokers, of, (record) => void seen.push(seenIn(of, record)));
  return { of, seen, stop };
};

/** Everything in that log, read again from the start by a reader that shares nothing with the one above. */
export const readAll = async (brokers: string, of: EndLog, quietMs: number): Promise<Seen[]> =>
  (await readWhole(brokers, of.name, quietMs)).map((record) => seenIn(of, record));
