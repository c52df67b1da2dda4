import { isInLane, knownSince, lifeAt, type Life } from './life.ts';
import type { ViewStore } from './store.ts';

/** Words that wait, and words that have left the lane since, that are read for one answer: so many each. */
const LOOKED_AT = 2_000;

/** The lane of a key as it was. */
export interface LaneThen {
  /** Nothing is known of it before, milliseconds since 1970; -1: all is. */
  readonly since: number;
  /** As they were then, in order. */
  readonly words: readonly Life[];
  /** More wait now than were read: those may have waited then. */
  readonly atLeast: boolean;
}

interface Moment {
  readonly partition: number;
  readonly key: string;
  readonly at: number;
  /** How far `words` was read. */
  readonly read: number;
}

/** Who waited then is who waits now and did then, and who has left since. `since` says how far back that is known. */
export const laneThen = (
  store: Pick<ViewStore, 'lane' | 'left'>,
  { partition, key, at, read }: Moment,
): LaneThen => {
  const { size, first } = store.lane(partition, key, LOOKED_AT);
  const left = store.left(partition, key, at, LOOKED_AT + 1);
  const found = [...first, ...left];
  // Of those that have left before the last one that was read, some were not read.
  const unread = left.length > LOOKED_AT ? (left.at(-1)?.changedAt ?? -1) : -1;
  const words = found.flatMap((l) => {
    const then = lifeAt(l, at);
    return then !== undefined && isInLane(then) ? [then] : [];
  });
  return {
    since: found.reduce((since, l) => Math.max(since, knownSince(l, read)), unread),
    words: words.sort((x, y) => x.origin - y.origin),
    atLeast: size > LOOKED_AT,
  };
};
