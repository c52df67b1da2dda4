import { partitionOf } from '@verdikt/core/hash/murmur2.ts';
import type { Freshness } from './freshness.ts';
import type { Life } from './life.ts';
import type { Answer, Question } from './question.ts';
import type { ViewStore } from './store.ts';
import { rowIn, tellShort, tellWaiting, type Around } from './tell.ts';

interface LaneReaderDeps {
  readonly store: Pick<ViewStore, 'byKey' | 'lane'>;
  readonly partitions: number;
  readonly fresh: Pick<Freshness, 'ofPartition'>;
  readonly flush: () => void;
  readonly around: (l: Life) => Around;
}

/** Of a lane that are told one by one; the rest is a number. */
const LANE = 20;

/** Answers what is known of a key: its words, and its lane with the first page of them. */
export const createLaneReader =
  ({ store, partitions, fresh, flush, around }: LaneReaderDeps) =>
  ({ key, below, limit }: Extract<Question, { ask: 'key' }>): Answer => {
    // Nothing known of a key is an answer only once all was read.
    const partition = partitionOf(Buffer.from(key), partitions);
    const asOf = fresh.ofPartition(partition);
    if (asOf < 0) return { is: 'behind', asOf };
    flush();
    const lives = store.byKey(key, below ?? Number.MAX_SAFE_INTEGER, limit);
    const last = lives.at(-1);
    const words = lives.map((l) => tellShort(l, around(l)));
    const next = lives.length === limit && last !== undefined ? rowIn(last) : undefined;
    const { size, first } = store.lane(partition, key, LANE);
    const lane =
      below === undefined
        ? { size, first: first.map((l, place) => ({ place, ...tellWaiting(l, around(l)) })) }
        : undefined;
    return { is: 'key', body: JSON.stringify({ key, lane, words, next, asOf }) };
  };
