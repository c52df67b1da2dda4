import type { LogReader } from '@verdikt/core/ports/logs.ts';
import type { TaskTransaction } from '@verdikt/core/ports/transactions.ts';
import { decodeMetadata } from '@verdikt/core/record/commit-note.ts';
import type { MemoryBroker } from '../memory-broker.ts';
import type { World } from './world.ts';

/** End of a log as a leader had it that was deposed some transactions ago. */
const earlierEnd = (broker: MemoryBroker, topic: string, task: number, back: number): number => {
  const log = broker.log(topic, task);
  const ends = log.entries().flatMap((e) => (e.kind === 'record' ? [] : [e.offset + 1]));
  return ends.at(-1 - back) ?? log.end;
};

/**
 * A reader that now and then asks a leader that is none any more: for one restore an output ends where it ended some transactions
 * ago. What is asked for beyond that end it learns from the true leader.
 */
export const staleReader = (inner: LogReader, world: World): LogReader => {
  const { script, random, broker, topics } = world;
  const outputs = new Set([topics.results, topics.deadLetters, topics.retry, topics.control]);
  let stale = new Map<string, number | undefined>();
  return {
    ...inner,
    describe: (names) => {
      stale = new Map();
      if (script.stale > 0 && random.chance(script.stale)) stale.set(random.pick([...outputs]), undefined);
      return inner.describe(names);
    },
    bounds: async (topic, task) => {
      const bounds = await inner.bounds(topic, task);
      if (!stale.has(topic)) return bounds;
      const known = stale.get(topic);
      const end = known ?? Math.max(bounds.start, earlierEnd(broker, topic, task, 1 + random.below(3)));
      if (end >= bounds.end) return bounds;
      // It gets nothing new, until somebody else is asked.
      if (known !== undefined && random.chance(0.5)) {
        stale.delete(topic);
        return bounds;
      }
      stale.set(topic, end);
      world.stale();
      return { ...bounds, end };
    },
  };
};

/** What was committed, as a coordinator tells it that is none any more. */
export const staleCoordinator = (t: TaskTransaction, world: World, task: number): TaskTransaction => {
  const { script, random, broker, topics, group } = world;
  if (script.stale === 0 || !random.chance(script.stale)) return t;
  const before = broker.earlierOffset(group, topics.words, task);
  if (before === undefined) return t;
  world.stale();
  return {
    ...t,
    committed: async (topic) => {
      const offset = await t.committed(topic);
      return topic === undefined ? before.nextOffset : offset;
    },
    metadata: () => Promise.resolve(decodeMetadata(before.metadata ?? null)),
  };
};
