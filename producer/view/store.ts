import type { TopicRole } from '@verdikt/core/record/commit-note.ts';
import type { Life, State } from './life.ts';

/** How far a log was read, by role and partition. */
export interface Position {
  readonly role: TopicRole;
  readonly partition: number;
  /** All before it is in the store. */
  readonly offset: number;
  /** All from it on is in the store, unless it was let go since. */
  readonly from: number;
  /** Of `words`: what processors have committed, as far as their outputs were read; -1 unknown. */
  readonly committed: number;
  /** What it tells of lanes is known from this time on, without a gap; milliseconds since 1970. */
  readonly since: number;
}

/** A verdict, by its place in `results`. */
export interface EndRow {
  readonly partition: number;
  readonly offset: number;
  readonly origin: number;
}

export interface EndRead {
  readonly offset: number;
  /** Undefined: it is kept no longer. */
  readonly life: Life | undefined;
}

export interface Batch {
  readonly lives: readonly Life[];
  readonly ends: readonly EndRow[];
  readonly positions: readonly Position[];
}

/** A batch on its way into a store. Until it is `done`, what the store reads may lack it or hold a part of it. */
export interface Write {
  /** Writes at most so many rows more. `full`: there is no room on the disk, so nothing of the batch is kept. */
  some(rows: number): 'more' | 'done' | 'full';
}

export interface Bounds {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What changed before, milliseconds since 1970, and is decided, may go. */
  readonly before: number;
  readonly maxRows: number;
  readonly maxBytes: number;
}

/** What it means that a store throws: it must be made again, or there is no room for it, or it may be opened again as it is. */
export type StoreFailure = 'damaged' | 'full' | 'other';

/**
 * Where lives are kept. Everything is synchronous: it is used by one thread, which does nothing else. Throws nothing of its own;
 * what its adapter throws, that tells as well.
 */
export interface ViewStore {
  positions(): Position[];
  /** What system it is of; undefined: it is new. */
  system(): string | undefined;
  life(partition: number, origin: number): Life | undefined;
  /** Every submission with this id, oldest first per partition. */
  byId(id: string): Life[];
  /** Every submission for which this idempotency key of the owner stands alone. */
  byClaim(owner: string, claim: string): Life[];
  /** Last ones first by partition and origin, those below the row `below`. */
  byKey(key: string, below: number, limit: number): Life[];
  /** Those of a key that are in its lane before `origin`: the first of them, and how many. */
  ahead(
    partition: number,
    key: string,
    origin: number,
  ): { readonly first: Life | undefined; readonly count: number };
  /** All of a partition that are in a lane. */
  inLanes(partition: number): Life[];
  /** How many of a key are in its lane, and the first of them, in order. */
  lane(
    partition: number,
    key: string,
    limit: number,
  ): { readonly size: number; readonly first: readonly Life[] };
  /** Those of a key that are decided, were in its lane, and changed after this time: the last that did. */
  left(partition: number, key: string, after: number, limit: number): Life[];
  /** How many are in lanes, by state, and some of them. */
  waiting(limit: number): { readonly counts: ReadonlyMap<State, number>; readonly some: readonly Life[] };
  /** Verdicts of a partition in [from, to), in order. */
  ends(partition: number, from: number, to: number, limit: number): EndRead[];
  /** All or nothing. Until it has ended, no other one begins, nothing is let go and nothing is reset. */
  begin(batch: Batch): Write;
  /** Lets go what is past the bounds, at most some hundreds at once: answers true while there may be more, and room to work in. */
  trim(bounds: Bounds): boolean;
  /** `dropped`: how many in lanes were let go so far, for want of room. */
  size(): { readonly rows: number; readonly bytes: number; readonly dropped: number };
  /** Forgets everything, and is of this system from now on. */
  reset(system: string): void;
  close(): void;
}
