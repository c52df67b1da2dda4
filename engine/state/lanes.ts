import { grown } from '@verdikt/core/hash/grown.ts';
import { HashIndex } from '@verdikt/core/hash/hash-index.ts';
import { DueHeap } from './due-heap.ts';
import { EntryTable, PARKED, RUNNING } from './entries.ts';

/**
 * The lanes of one task: per key its outstanding records, ordered by (origin, redrive count). Only the head of a lane may run.
 * A plain state machine: no clock, no I/O; the same calls give the same state.
 */
export class Lanes {
  readonly entries = new EntryTable();
  readonly #index = new HashIndex();
  readonly #due = new DueHeap();
  #head = new Int32Array(16).fill(-1);
  #tail = new Int32Array(16).fill(-1);
  /** Hash of the key, four words a lane; unused where `#keyed` is 0 (a record without key is a lane of its own). */
  #hash = new Uint32Array(64);
  #keyed = new Uint8Array(16);
  #freeLanes: number[] = [];
  #usedLanes = 0;
  #laneCount = 0;

  /** Outstanding records. */
  get size(): number {
    return this.entries.size;
  }

  /** Lanes with at least one outstanding record. */
  get count(): number {
    return this.#laneCount;
  }

  /** The lane of a key by its 128-bit hash; -1 when the key has nothing outstanding. */
  find(hash: Uint32Array): number {
    return this.#index.get(hash);
  }

  head(lane: number): number {
    return this.#head[lane];
  }

  /**
   * Puts a new record into the lane of its key at the place of its (origin, redrive count); `hash` null makes a lane of its
   * own. The caller schedules it if it became the head.
   */
  enter(hash: Uint32Array | null, origin: number, redrive: number): number {
    const slot = this.entries.alloc(origin, redrive);
    this.adopt(hash, slot);
    return slot;
  }

  /** Like `enter`, for a slot that was made before its lane was known. */
  adopt(hash: Uint32Array | null, slot: number): void {
    let lane = hash === null ? -1 : this.#index.get(hash);
    if (lane < 0) {
      lane = this.#newLane(hash);
      this.#head[lane] = slot;
      this.#tail[lane] = slot;
    } else this.#insert(lane, slot);
    this.entries.lane[slot] = lane;
  }

  isHead(slot: number): boolean {
    return this.#head[this.entries.lane[slot]] === slot;
  }

  /** Takes a head out of its lane. Returns the new head, or -1 when the lane is gone. */
  removeHead(slot: number): number {
    const e = this.entries;
    const lane = e.lane[slot];
    if (this.#head[lane] !== slot) throw new RangeError(`slot ${slot} is not the head of its lane`);
    const promoted = e.next[slot];
    this.#head[lane] = promoted;
    if (promoted < 0) {
      this.#tail[lane] = -1;
      this.#dropLane(lane);
    }
    e.free(slot);
    return promoted;
  }

  /** Takes a record that does not run out of its lane, wherever it stands. Returns the new head if it was the head, else -1. */
  remove(slot: number): number {
    if (this.isHead(slot)) return this.removeHead(slot);
    const e = this.entries;
    const lane = e.lane[slot];
    let previous = this.#head[lane];
    while (e.next[previous] !== slot) previous = e.next[previous];
    e.next[previous] = e.next[slot];
    if (this.#tail[lane] === slot) this.#tail[lane] = previous;
    e.free(slot);
    return -1;
  }

  /**
   * A head that ran and has not ended goes to where it belongs: a redriven record of an older origin may have come meanwhile.
   * Returns the head.
   */
  settle(slot: number): number {
    const e = this.entries;
    const lane = e.lane[slot];
    const next = e.next[slot];
    if (this.#head[lane] !== slot || next < 0 || !this.#before(next, slot)) return this.#head[lane];
    this.#head[lane] = next;
    e.next[slot] = -1;
    e.due[slot] = -1;
    this.#insert(lane, slot);
    return next;
  }

  /** Makes a waiting head runnable at `due`, and at no other time that it was scheduled for. A parked one never is. */
  schedule(slot: number, due: number): void {
    if (this.entries.due[slot] === due || this.entries.has(slot, PARKED)) return;
    this.entries.due[slot] = due;
    this.#due.push(due, slot, this.entries.incarnation[slot]);
  }

  /** The next head whose time has come, taken off the schedule; -1 when none. */
  popDue(now: number): number {
    this.#skipStale();
    if (this.#due.due > now || this.#due.size === 0) return -1;
    const { slot } = this.#due;
    this.#due.pop();
    this.entries.due[slot] = -1;
    return slot;
  }

  /** When the next head becomes due; Infinity when none waits. */
  nextDueAt(): number {
    this.#skipStale();
    return this.#due.due;
  }

  /** Heads that are due and wait for their turn. */
  countDue(now: number): number {
    return this.#due.countDue(now);
  }

  /** Slots of all outstanding records, lane by lane in order. For tests and gauges. */
  *walk(): Generator<number> {
    for (let lane = 0; lane < this.#usedLanes; lane++)
      for (let slot = this.#head[lane]; slot >= 0; slot = this.entries.next[slot]) yield slot;
  }

  #skipStale(): void {
    const e = this.entries;
    for (let slot = this.#due.slot; slot >= 0; slot = this.#due.slot) {
      const live = e.incarnation[slot] === this.#due.incarnation && e.due[slot] === this.#due.due;
      if (live && this.isHead(slot) && !e.has(slot, RUNNING)) return;
      this.#due.pop();
    }
  }

  #insert(lane: number, slot: number): void {
    const e = this.entries;
    const tail = this.#tail[lane];
    if (!this.#before(slot, tail)) {
      e.next[tail] = slot;
      this.#tail[lane] = slot;
      return;
    }
    let previous = -1;
    let at = this.#head[lane];
    // A head that runs keeps its place until it has its answer; see `settle`.
    while (at >= 0 && (!this.#before(slot, at) || (previous < 0 && e.has(at, RUNNING)))) {
      previous = at;
      at = e.next[at];
    }
    e.next[slot] = at;
    if (at < 0) this.#tail[lane] = slot;
    if (previous < 0) {
      this.#head[lane] = slot;
      // It will be scheduled anew when it is the head again.
      e.due[at] = -1;
    } else e.next[previous] = slot;
  }

  #before(a: number, b: number): boolean {
    const { origin, redrive } = this.entries;
    return origin[a] < origin[b] || (origin[a] === origin[b] && redrive[a] < redrive[b]);
  }

  #newLane(hash: Uint32Array | null): number {
    const lane = this.#freeLanes.pop() ?? this.#usedLanes++;
    if (lane >= this.#head.length) this.#grow();
    this.#laneCount++;
    this.#keyed[lane] = hash === null ? 0 : 1;
    if (hash !== null) {
      this.#hash.set(hash, lane * 4);
      this.#index.set(hash, lane);
    }
    return lane;
  }

  #dropLane(lane: number): void {
    if (this.#keyed[lane] === 1) this.#index.delete(this.#hash, lane * 4);
    this.#laneCount--;
    this.#freeLanes.push(lane);
  }

  #grow(): void {
    const n = this.#head.length * 2;
    this.#head = grown(this.#head, n, -1);
    this.#tail = grown(this.#tail, n, -1);
    this.#hash = grown(this.#hash, n * 4);
    this.#keyed = grown(this.#keyed, n);
  }
}
