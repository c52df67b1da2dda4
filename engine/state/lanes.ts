import { resized, roomAfter } from '@verdikt/core/hash/column.ts';
import { RowIndex, sameHash } from '@verdikt/core/hash/row-index.ts';
import { DueHeap } from './due-heap.ts';
import { EntryTable, PARKED, RUNNING } from './entries.ts';

const FEWEST = 16;
const LANE_BYTES = 2 * 4 + 4 * 4 + 1;
/** In place of the last slot of a lane that no record has joined yet. */
const MADE = -2;

/**
 * The lanes of one task: per key its outstanding records, ordered by (origin, redrive count). Only the head of a lane may run.
 * A plain state machine: no clock, no I/O; the same calls give the same state.
 */
export class Lanes {
  readonly entries = new EntryTable();
  readonly #due = new DueHeap(this.entries);
  /** First slot of a lane; for a lane that is not in use -1. */
  #head = new Int32Array(FEWEST);
  /** Last slot of a lane; for a lane that is not in use the next such one, -1: none. */
  #tail = new Int32Array(FEWEST);
  /** Hash of the key, four words a lane; unused where `#keyed` is 0 (a record without key is a lane of its own). */
  #hash = new Uint32Array(FEWEST * 4);
  #keyed = new Uint8Array(FEWEST);
  #free = -1;
  #used = 0;
  #count = 0;
  readonly #index = new RowIndex({ hashOf: (lane) => this.#hash[lane * 4] });

  /** Outstanding records. */
  get size(): number {
    return this.entries.size;
  }

  /** Lanes with at least one outstanding record. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of entries, lanes, index and schedule. */
  get bytes(): number {
    return this.entries.bytes + this.#used * LANE_BYTES + this.#index.bytes + this.#due.size * 4;
  }

  /** The lane of a key by its 128-bit hash; -1 when the key has nothing outstanding. */
  find(hash: Uint32Array): number {
    return this.#index.find(hash[0], (lane) => sameHash(this.#hash, lane, hash));
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
    this.join(this.laneFor(hash), slot);
  }

  /** The lane of a key, made if there is none; it must be joined by a record. */
  laneFor(hash: Uint32Array | null): number {
    const lane = hash === null ? -1 : this.find(hash);
    return lane < 0 ? this.#newLane(hash) : lane;
  }

  /** Puts a record into a lane, at the place of its (origin, redrive count). */
  join(lane: number, slot: number): void {
    if (this.#head[lane] < 0) {
      this.#head[lane] = slot;
      this.#tail[lane] = slot;
    } else this.#insert(lane, slot);
    this.entries.lane[slot] = lane;
  }

  /** Drops the lanes that no record has joined. */
  dropEmpty(): void {
    for (let lane = 0; lane < this.#used; lane++)
      if (this.#head[lane] < 0 && this.#tail[lane] === MADE) this.#dropLane(lane);
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
    if (promoted < 0) this.#dropLane(lane);
    else this.#head[lane] = promoted;
    this.#release(slot);
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
    this.#release(slot);
    return -1;
  }

  #release(slot: number): void {
    this.#due.remove(slot);
    this.entries.free(slot);
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
    this.#due.remove(slot);
    this.#insert(lane, slot);
    return next;
  }

  /** Makes a waiting head runnable at `due`, and at no other time that it was scheduled for. A parked one never is. */
  schedule(slot: number, due: number): void {
    if (this.entries.due[slot] === due || this.entries.has(slot, PARKED)) return;
    this.#due.set(slot, due);
  }

  /** The next head whose time has come, taken off the schedule; -1 when none. */
  popDue(now: number): number {
    const slot = this.#firstDue();
    if (slot < 0 || this.entries.due[slot] > now) return -1;
    this.#due.remove(slot);
    return slot;
  }

  /** When the next head becomes due; Infinity when none waits. */
  nextDueAt(): number {
    const slot = this.#firstDue();
    return slot < 0 ? Infinity : this.entries.due[slot];
  }

  /** Heads that are due and wait for their turn. */
  countDue(now: number): number {
    return this.#due.countDue(now);
  }

  /** Slots of all outstanding records, lane by lane in order. For tests and gauges. */
  *walk(): Generator<number> {
    for (let lane = 0; lane < this.#used; lane++)
      for (let slot = this.#head[lane]; slot >= 0; slot = this.entries.next[slot]) yield slot;
  }

  /** The earliest of the schedule that may run. */
  #firstDue(): number {
    const e = this.entries;
    for (;;) {
      const slot = this.#due.first;
      if (slot < 0 || (this.isHead(slot) && !e.has(slot, RUNNING))) return slot;
      this.#due.remove(slot);
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
      // It will be scheduled when it is the head again.
      this.#due.remove(at);
    } else e.next[previous] = slot;
  }

  #before(a: number, b: number): boolean {
    const { origin, redrive } = this.entries;
    return origin[a] < origin[b] || (origin[a] === origin[b] && redrive[a] < redrive[b]);
  }

  #newLane(hash: Uint32Array | null): number {
    let lane = this.#free;
    if (lane >= 0) this.#free = this.#tail[lane];
    else {
      if (this.#used === this.#head.length) this.#resize(roomAfter(this.#used));
      lane = this.#used++;
    }
    this.#count++;
    this.#head[lane] = -1;
    this.#tail[lane] = MADE;
    this.#keyed[lane] = hash === null ? 0 : 1;
    if (hash === null) return lane;
    this.#hash.set(hash, lane * 4);
    this.#index.add(lane);
    return lane;
  }

  #dropLane(lane: number): void {
    if (this.#keyed[lane] === 1) this.#index.remove(lane);
    this.#count--;
    this.#head[lane] = -1;
    this.#tail[lane] = this.#free;
    this.#free = lane;
    if (this.#count > 0 || this.#used <= FEWEST) return;
    this.#free = -1;
    this.#used = 0;
    this.#resize(FEWEST);
  }

  #resize(lanes: number): void {
    this.#head = resized(this.#head, lanes);
    this.#tail = resized(this.#tail, lanes);
    this.#hash = resized(this.#hash, lanes * 4);
    this.#keyed = resized(this.#keyed, lanes);
  }
}
