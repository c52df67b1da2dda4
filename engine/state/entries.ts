import { resized, roomAfter } from '@verdikt/core/hash/column.ts';
import { fingerprint, xor53 } from '@verdikt/core/record/commit-note.ts';

/** Flags of an entry. */
export const RUNNING = 1;
/** Written by some plan, so ending it needs a completion record. */
export const WRITTEN = 2;
/** Must be written by the plan being built. */
export const DIRTY = 4;
/** Its record is being fetched, or is wanted and not held. */
export const WANTED = 8;

/** Written by a plan whose commit has not been confirmed yet. */
export const PENDING = 16;
/** Waits for an operator: it is never due. */
export const PARKED = 32;
/** Its dead letter was held by the limit. */
export const HELD = 64;
/** Its bytes were fetched before its turn. */
export const AHEAD = 128;

const FEWEST = 16;
const ROW_BYTES = 3 * 8 + 8 * 4 + 2 * 2 + 1;

/**
 * Outstanding records as typed columns: 61 bytes an entry. A slot is a row; a freed slot is used again under a new
 * incarnation, so that late answers for the old one can be told apart.
 */
export class EntryTable {
  size = 0;
  /** Entries with the flag HELD. */
  held = 0;
  origin = new Float64Array(FEWEST);
  /** Offset of the newest committed entry in the retry partition; -1 while none is committed. */
  logOffset = new Float64Array(FEWEST);
  /** Next slot of the lane, -1 at its tail; for a free slot the next free one. */
  next = new Int32Array(FEWEST);
  lane = new Int32Array(FEWEST);
  incarnation = new Uint32Array(FEWEST);
  /** When it is scheduled to run; -1: it is not scheduled. Of a parked one: since when it is parked. */
  due = new Float64Array(FEWEST);
  redrive = new Uint16Array(FEWEST);
  /** The attempt that runs next, or runs now; counts from 1. */
  attempt = new Uint16Array(FEWEST);
  flags = new Uint8Array(FEWEST);
  /** Where its bytes are kept, see RecordStore; 0: they are not. */
  kept = new Uint32Array(FEWEST);
  /** Its place in the schedule, see DueHeap; -1: none. */
  heapAt = new Int32Array(FEWEST);
  order = new Uint32Array(FEWEST);
  /** XOR of the fingerprints, and of the origins, of all entries; see CommitNote. */
  print = 0;
  origins = 0;
  /** Neighbours by `logOffset`; -1: none. */
  #older = new Int32Array(FEWEST);
  #newer = new Int32Array(FEWEST);
  #oldest = -1;
  #newest = -1;
  #free = -1;
  #used = 0;
  #incarnations = 0;

  alloc(origin: number, redrive: number): number {
    let slot = this.#free;
    if (slot >= 0) this.#free = this.next[slot];
    else {
      if (this.#used === this.origin.length) this.#resize(roomAfter(this.#used));
      slot = this.#used++;
    }
    this.size++;
    this.origin[slot] = origin;
    this.redrive[slot] = redrive;
    this.logOffset[slot] = -1;
    this.next[slot] = -1;
    this.lane[slot] = -1;
    this.due[slot] = -1;
    this.attempt[slot] = 1;
    this.flags[slot] = 0;
    this.kept[slot] = 0;
    this.heapAt[slot] = -1;
    this.#incarnations = (this.#incarnations + 1) >>> 0 || 1;
    this.incarnation[slot] = this.#incarnations;
    this.#toggle(slot);
    return slot;
  }

  /** It is redriven: from now on it is another entry. */
  redriven(slot: number): void {
    this.#toggle(slot);
    this.redrive[slot]++;
    this.#toggle(slot);
  }

  /** The slot whose newest entry lies furthest back in the retry partition; -1 when none is committed. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The slot after this one by the place of its newest entry; -1 after the last. */
  newer(slot: number): number {
    return this.#newer[slot];
  }

  /** Its newest entry lies at `offset`, behind those of all others. */
  place(slot: number, offset: number): void {
    this.#unplace(slot);
    this.logOffset[slot] = offset;
    this.#older[slot] = this.#newest;
    this.#newer[slot] = -1;
    if (this.#newest < 0) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }

  #unplace(slot: number): void {
    if (this.logOffset[slot] < 0) return;
    const older = this.#older[slot];
    const newer = this.#newer[slot];
    if (older < 0) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer < 0) this.#newest = older;
    else this.#older[newer] = older;
  }

  /** It must not be scheduled, and is known by its incarnation at most. */
  free(slot: number): void {
    this.size--;
    this.#unplace(slot);
    this.#toggle(slot);
    this.incarnation[slot] = 0;
    this.clear(slot, HELD);
    this.flags[slot] = 0;
    this.lane[slot] = -1;
    this.next[slot] = this.#free;
    this.#free = slot;
    if (this.size > 0 || this.#used <= FEWEST) return;
    this.#free = -1;
    this.#used = 0;
    this.#resize(FEWEST);
  }

  /** Bytes of the rows in use. */
  get bytes(): number {
    return this.#used * ROW_BYTES;
  }

  /** Slots in use, also of entries that are in no lane yet. */
  *live(): Generator<number> {
    for (let slot = 0; slot < this.#used; slot++) if (this.incarnation[slot] !== 0) yield slot;
  }

  has(slot: number, flag: number): boolean {
    return (this.flags[slot] & flag) !== 0;
  }

  set(slot: number, flag: number): void {
    if ((flag & ~this.flags[slot] & HELD) !== 0) this.held++;
    this.flags[slot] |= flag;
  }

  clear(slot: number, flag: number): void {
    if ((flag & this.flags[slot] & HELD) !== 0) this.held--;
    this.flags[slot] &= ~flag;
  }

  #toggle(slot: number): void {
    this.print = xor53(this.print, fingerprint(this.origin[slot], this.redrive[slot]));
    this.origins = xor53(this.origins, this.origin[slot]);
  }

  #resize(rows: number): void {
    this.origin = resized(this.origin, rows);
    this.logOffset = resized(this.logOffset, rows);
    this.next = resized(this.next, rows);
    this.lane = resized(this.lane, rows);
    this.incarnation = resized(this.incarnation, rows);
    this.due = resized(this.due, rows);
    this.redrive = resized(this.redrive, rows);
    this.attempt = resized(this.attempt, rows);
    this.flags = resized(this.flags, rows);
    this.kept = resized(this.kept, rows);
    this.heapAt = resized(this.heapAt, rows);
    this.order = resized(this.order, rows);
    this.#older = resized(this.#older, rows);
    this.#newer = resized(this.#newer, rows);
  }
}
