import type { TopicMetadata } from './metadata.ts';

/** Who leads a partition, and of which topic of that name. */
export interface Leader {
  readonly node: number;
  /** To be sent along, so that a deposed leader cannot answer; -1 where it is not known. */
  readonly epoch: number;
  readonly topicId: string | undefined;
}

/** What brokers have told about topics. Never goes back: any broker may be behind, and answers of two may overtake each other. */
interface TopicCache {
  /** Takes in an answer; returns what is believed of these topics now. */
  learn(topics: readonly TopicMetadata[]): readonly TopicMetadata[];
  /** Undefined where it must be asked for (again). */
  get(topic: string): TopicMetadata | undefined;
  /** That broker may lead nothing any more. */
  doubt(nodeId: number): void;
  names(): string[];
}

/**
 * `fresh`, with the leaders of `known` where those are of a later epoch. Another topic of the same name is believed at once, for ids
 * have no order. A topic that is unknown for now keeps what was known of it.
 */
const newer = (known: TopicMetadata | undefined, fresh: TopicMetadata): TopicMetadata => {
  if (known === undefined) return fresh;
  if (fresh.error !== 0) return { ...known, error: fresh.error };
  if (known.id !== fresh.id || fresh.id === undefined) return fresh;
  const epochOf = (t: TopicMetadata, i: number): number => t.epochs[i] ?? -1;
  const behind = (i: number): boolean =>
    i >= fresh.leaders.length || (epochOf(fresh, i) >= 0 && epochOf(fresh, i) < epochOf(known, i));
  if (!known.leaders.some((_, i) => behind(i))) return fresh;
  const merged = (of: (t: TopicMetadata) => readonly number[]): number[] => {
    const all = [...of(fresh)];
    of(known).forEach((value, i) => {
      if (behind(i)) all[i] = value;
    });
    return all;
  };
  return {
    ...fresh,
    leaders: merged((t) => t.leaders),
    epochs: merged((t) => t.epochs),
    replicas: merged((t) => t.replicas),
    inSync: merged((t) => t.inSync),
  };
};

export const createTopicCache = (): TopicCache => {
  const topics = new Map<string, TopicMetadata>();
  const stale = new Set<string>();
  return {
    learn: (fresh) =>
      fresh.map((t) => {
        const believed = newer(topics.get(t.topic), t);
        topics.set(t.topic, believed);
        stale.delete(t.topic);
        return believed;
      }),
    get: (topic) => (stale.has(topic) ? undefined : topics.get(topic)),
    doubt: (nodeId) => {
      for (const t of topics.values()) if (t.leaders.includes(nodeId)) stale.add(t.topic);
    },
    names: () => [...topics.keys()],
  };
};
