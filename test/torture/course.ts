import { setTimeout as pause } from 'node:timers/promises';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import { follow, readAll, type EndLog, type Follower, type Seen } from './observer.ts';

/** Of 100 ms, until a second reader has read what the first has. */
const TWIN_POLLS = 600;

type Ends = Pick<TopicNames, 'results' | 'deadLetters'>;

/** Where the submissions of one history end: the outputs of a system, and of those that went on after it. */
export interface Course {
  /** Follows the outputs of one more system, whose source was judged after those before. */
  add(topics: Ends): void;
  /**
   * Tells that the results of the system with that number are about to be deleted: what its follower and a second one see until then
   * is what counts of them. Resolves with the function to call when the topic is gone and not yet there again.
   */
  replacing(source: number): Promise<() => Promise<void>>;
  /** Seen so far by the followers, log after log. */
  seen(): readonly Seen[];
  /** Resolves when all of these have ended, or nothing new was seen for `quietMs`; tells which. */
  settled(ids: readonly string[], quietMs: number): Promise<boolean>;
  /** All there is, in an order in which sources follow each other, and what the followers had seen of it. */
  finish(quietMs: number): Promise<{ readonly seen: readonly Seen[]; readonly witnessed: readonly Seen[] }>;
  stop(): Promise<void>;
}

/** The submission that ended; undefined where the record does not tell. */
export const endedId = ({ topic, record }: Seen): string | undefined => {
  if (topic === 'dead-letters') return record.headers.get('id');
  try {
    return (JSON.parse(record.value) as { id?: string }).id;
  } catch {
    return undefined;
  }
};

const place = ({ record }: Seen): string => `${record.partition}@${record.offset}`;
const byPlace = (a: Seen, b: Seen): number =>
  a.record.partition - b.record.partition || a.record.offset - b.record.offset;

export const openCourse = (brokers: string, first: Ends): Course => {
  const followers: Follower[] = [];
  /** Of logs that are no more, by name. */
  const kept = new Map<string, readonly Seen[]>();
  let sources = 0;
  const add = ({ results, deadLetters }: Ends): void => {
    const source = sources++;
    followers.push(
      follow(brokers, { topic: 'results', name: results, source, log: results }),
      follow(brokers, { topic: 'dead-letters', name: deadLetters, source, log: deadLetters }),
    );
  };
  add(first);
  const stop = async (): Promise<void> => void (await Promise.all(followers.map((f) => f.stop())));

  return {
    add,
    replacing: async (source) => {
      const at = followers.findLastIndex((f) => f.of.topic === 'results' && f.of.source === source);
      const old = followers[at];
      const twin = follow(brokers, old.of);
      const enough = old.seen.length;
      for (let i = 0; twin.seen.length < enough && i < TWIN_POLLS; i++) await pause(100);
      return async () => {
        // What they have read is still on its way to us.
        await pause(1_000);
        await Promise.all([old.stop(), twin.stop()]);
        const places = new Map([...twin.seen, ...old.seen].map((s) => [place(s), s]));
        kept.set(old.of.log, [...places.values()].sort(byPlace));
        const log = `${old.of.log} (created again)`;
        followers.splice(at + 1, 0, follow(brokers, { ...old.of, log }));
      };
    },
    seen: () => followers.flatMap((f) => f.seen),
    settled: async (ids, quietMs) => {
      const missing = new Set(ids);
      const looked = new Map<Follower, number>();
      for (let last = Date.now(); ;) {
        for (const f of followers) {
          const from = looked.get(f) ?? 0;
          if (f.seen.length > from) last = Date.now();
          for (const s of f.seen.slice(from)) missing.delete(endedId(s) ?? '');
          looked.set(f, f.seen.length);
        }
        if (missing.size === 0) return true;
        if (Date.now() - last > quietMs) return false;
        await pause(100);
      }
    },
    finish: async (quietMs) => {
      const whole = (of: EndLog): Promise<readonly Seen[]> =>
        Promise.resolve(kept.get(of.log) ?? readAll(brokers, of, quietMs));
      const all = (await Promise.all(followers.map((f) => whole(f.of)))).flat();
      await stop();
      return { seen: all, witnessed: followers.flatMap((f) => f.seen) };
    },
    stop,
  };
};
