import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { TopicNames } from '@verdikt/core/record/topics.ts';
import type { Viewer } from '../auth/caller.ts';
import { ROLES, type Freshness } from './freshness.ts';
import { isInLane, lifeAt, type Life } from './life.ts';
import { visibleOf } from './look-up.ts';
import { laneThen, type LaneThen } from './past.ts';
import { sees, type Answer, type Question } from './question.ts';
import type { Position, ViewStore } from './store.ts';
import { tellShort, tellWaiting, type Around } from './tell.ts';

interface LaneReaderDeps {
  readonly store: Pick<ViewStore, 'byKey' | 'lane' | 'left'>;
  readonly topics: TopicNames;
  readonly partitions: number;
  readonly fresh: Pick<Freshness, 'ofPartition'>;
  /** False: not all that was read is in the store. */
  readonly flush: () => boolean;
  readonly positionOf: (role: TopicRole, partition: number) => Position | undefined;
  readonly around: (l: Life, viewer: Viewer) => Around;
}
type KeyQuestion = Extract<Question, { ask: 'key' }>;

/** Of a lane that are told one by one; the rest is a number. */
const LANE = 20;

/** What is told of a lane. The words of others leave their places empty. */
const told = (first: readonly Life[], viewer: Viewer, around: (l: Life) => Around): readonly object[] =>
  first
    .slice(0, LANE)
    .flatMap((l, place) => (sees(viewer, l.owner) ? [{ place, ...tellWaiting(l, around(l)) }] : []));

/** Answers what somebody may see of a key: its words and its lane, now or at an earlier time. */
export const createLaneReader = (d: LaneReaderDeps): ((question: KeyQuestion) => Answer) => {
  const { store, topics, partitions, fresh, flush, positionOf, around } = d;
  /** From when on every lane of a partition is known; Infinity: one of its logs was not begun. */
  const sinceOf = (partition: number): number =>
    Math.max(...ROLES.map((role) => positionOf(role, partition)?.since ?? Infinity));

  const now = ({ key, viewer, below, limit }: KeyQuestion, partition: number, asOf: number): Answer => {
    const { lives, next } = visibleOf(store, { key, viewer, below, limit });
    const words = lives.map((l) => tellShort(l, around(l, viewer)));
    const { size, first } = store.lane(partition, key, LANE);
    const lane =
      below === undefined ? { size, first: told(first, viewer, (l) => around(l, viewer)) } : undefined;
    return { is: 'key', body: JSON.stringify({ key, lane, words, next, asOf, since: sinceOf(partition) }) };
  };

  const aroundThen = (l: Life, viewer: Viewer, { words, atLeast }: LaneThen, at: number): Around => {
    const count = isInLane(l) ? words.filter((w) => w.origin < l.origin).length : 0;
    return {
      ...{ topics, viewer, now: at, asOf: at, ends: 0, passed: false, past: true },
      ahead: count === 0 ? { first: undefined, count } : { first: words[0], count, atLeast },
    };
  };

  const then = ({ key, viewer, below, limit }: KeyQuestion, partition: number, at: number): Answer => {
    const read = positionOf('words', partition)?.offset ?? 0;
    const lane = laneThen(store, { partition, key, at, read });
    const since = Math.max(lane.since, sinceOf(partition));
    if (at < since) return { is: 'too-early', since };
    const about = (l: Life): Around => aroundThen(l, viewer, lane, at);
    const { lives, next } = visibleOf(store, { key, viewer, below, limit, seen: (l) => lifeAt(l, at) });
    const { words, atLeast } = lane;
    const body = {
      key,
      lane:
        below === undefined
          ? { size: words.length, atLeast: atLeast || undefined, first: told(words, viewer, about) }
          : undefined,
      words: lives.map((l) => tellShort(l, about(l))),
      ...{ next, asOf: at, since },
    };
    return { is: 'key', body: JSON.stringify(body) };
  };

  return (question) => {
    // Nothing known of a key is an answer only once all was read.
    const partition = partitionOf(Buffer.from(question.key), partitions);
    const asOf = fresh.ofPartition(partition);
    const at = question.then;
    if (asOf < (at ?? 0) || sinceOf(partition) === Infinity || !flush()) return { is: 'behind', asOf };
    return at === undefined ? now(question, partition, asOf) : then(question, partition, at);
  };
};
