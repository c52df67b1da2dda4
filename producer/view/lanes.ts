import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { Viewer } from '../auth/caller.ts';
import type { Freshness } from './freshness.ts';
import type { Life } from './life.ts';
import { visibleOf } from './look-up.ts';
import { sees, type Answer, type Question } from './question.ts';
import type { ViewStore } from './store.ts';
import { tellShort, tellWaiting, type Around } from './tell.ts';

interface LaneReaderDeps {
  readonly store: Pick<ViewStore, 'byKey' | 'lane'>;
  readonly partitions: number;
  readonly fresh: Pick<Freshness, 'ofPartition'>;
  /** False: not all that was read is in the store. */
  readonly flush: () => boolean;
  readonly around: (l: Life, viewer: Viewer) => Around;
}

/** Of a lane that are told one by one; the rest is a number. */
const LANE = 20;

/** Answers what somebody may see of a key: its words, and its lane, in which the words of others leave their places empty. */
export const createLaneReader =
  ({ store, partitions, fresh, flush, around }: LaneReaderDeps) =>
  ({ key, viewer, below, limit }: Extract<Question, { ask: 'key' }>): Answer => {
    // Nothing known of a key is an answer only once all was read.
    const partition = partitionOf(Buffer.from(key), partitions);
    const asOf = fresh.ofPartition(partition);
    if (asOf < 0 || !flush()) return { is: 'behind', asOf };
    const { lives, next } = visibleOf(store, { key, viewer, below, limit });
    const words = lives.map((l) => tellShort(l, around(l, viewer)));
    const { size, first } = store.lane(partition, key, LANE);
    const lane =
      below === undefined
        ? {
            size,
            first: first.flatMap((l, place) =>
              sees(viewer, l.owner) ? [{ place, ...tellWaiting(l, around(l, viewer)) }] : [],
            ),
          }
        : undefined;
    return { is: 'key', body: JSON.stringify({ key, lane, words, next, asOf }) };
  };
