import { grown } from '@verdikt/core/hash/grown.ts';
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

/**
 * Outstanding records as typed columns: 45 bytes an entry. A slot is a row; a freed slot is used again under a new
 * incarnation, so that late answers for the old one can be told apart.
 */
export class EntryTable {
  size = 0;
  origin = new Float64Array(16);
  /** Offset of the newest committed entry in the retry partition; -1 while none is committed. */
  logOffset = new Float64Array(16);
  /** Next slot of the lane, -1 at its tail; for a free slot the next free one. */
  next = new Int32Array(16);
  lane = new Int32Array(16);
  incarnation = new Uint32Array(16);
  /** When it is scheduled to run; -1: it is not scheduled. */
  due = new Float64Array(16);
  redrive = new Uint16Array(16);
  /** The attempt that runs next, or runs now; counts from 1. */
  attempt = new Uint16Array(16);
  flags = new Uint8Array(16);
  /** XOR of the fingerprints, and of the origins, of all entries; see CommitNote. */
  print = 0;
  origins = 0;
  #free = -1;
  #used = 0;

  alloc(origin: number, redrive: number): number {
    let slot = this.#free;
    if (slot >= 0) this.#free = this.next[slot];
    else {
      if (this.#used === this.origin.length) this.#grow();
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
    this.#toggle(slot);
    return slot;
  }

  /** It is redriven: from now on it is another entry. */
  redriven(slot: number): void {
    this.#toggle(slot);
    this.redrive[slot]++;
    this.#toggle(slot);
  }

  free(slot: number): void {
    this.size--;
    this.#toggle(slot);
    this.incarnation[slot]++;
    this.flags[slot] = 0;
    this.lane[slot] = -1;
    this.next[slot] = this.#free;
    this.#free = slot;
  }

  /** Slots in use, also of entries that are in no lane yet. */
  *live(): Generator<number> {
    const free = new Set<number>();
    for (let slot = this.#free; slot >= 0; slot = this.next[slot]) free.add(slot);
    for (let slot = 0; slot < this.#used; slot++) if (!free.has(slot)) yield slot;
  }

  has(slot: number, flag: number): boolean {
    return (this.flags[slot] & flag) !== 0;
  }

  set(slot: number, flag: number): void {
    this.flags[slot] |= flag;
  }

  clear(slot: number, flag: number): void {
    this.flags[slot] &= ~flag;
  }

  #toggle(slot: number): void {
    this.print = xor53(this.print, fingerprint(this.origin[slot], this.redrive[slot]));
    this.origins = xor53(this.origins, this.origin[slot]);
  }

  #grow(): void {
    const n = this.origin.length * 2;
    this.origin = grown(this.origin, n);
    this.logOffset = grown(this.logOffset, n);
    this.next = grown(this.next, n);
    this.lane = grown(this.lane, n);
    this.incarnation = grown(this.incarnation, n);
    this.due = grown(this.due, n);
    this.redrive = grown(this.redrive, n);
    this.attempt = grown(this.attempt, n);
    this.flags = grown(this.flags, n);
  }
}
