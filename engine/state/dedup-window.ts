import { HashIndex } from '@verdikt/core/hash/hash-index.ts';
import { RowIndex, sameHash } from '@verdikt/core/hash/row-index.ts';
import { MemoryBudget, type MemoryShare } from '../policy/memory.ts';

const FIRST_ROWS = 64;
/** Hash, time, and two places in the table. */
const ROW_BYTES = 36;
/** So many are remembered whatever else needs memory. */
const FLOOR_ROWS = 65_536;

/**
 * Identities (group, id, redrive count, key) that this task has decided within its window, and those that are outstanding.
 * Outstanding ones never leave by age.
 *
 * Decided identities are a ring, oldest first, with an index over it: at most 36 bytes a row, so 36 to 72 bytes an identity.
 */
export class DedupWindow {
  readonly #outstanding = new HashIndex();
  readonly windowMs: number;
  readonly #most: number;
  #hashes = new Uint32Array(FIRST_ROWS * 4);
  /** Seconds since 1970. */
  #times = new Uint32Array(FIRST_ROWS);
  readonly #index = new RowIndex({ hashOf: (row) => this.#hashes[row * 4] }, 'kept');
  /** What is looked for. One function for all searches: a new one each time would be garbage of every record. */
  #wanted: Uint32Array = new Uint32Array(4);
  readonly #isWanted = (row: number): boolean => sameHash(this.#hashes, row, this.#wanted);
  #first = 0;
  #count = 0;
  /** Of `#count`: those whose commit has told their time. */
  #timed = 0;
  #now = -Infinity;
  /** When the newest of those was decided that were dropped before their time; seconds since 1970. */
  #dropped = -Infinity;
  readonly #memory: MemoryShare;

  /**
   * `windowMs` and `most` bound the decided identities: whichever is reached first. So does the memory, but not below 65,536 of them.
   */
  constructor(windowMs: number, most: number, memory: MemoryShare = new MemoryBudget(Infinity).share()) {
    this.windowMs = windowMs;
    this.#most = most;
    this.#memory = memory;
    memory.take(FIRST_ROWS * ROW_BYTES);
  }

  /** Decided identities that are remembered. */
  get size(): number {
    return this.#count;
  }

  /** The time up to which it has advanced, to the second as all its times; milliseconds since 1970. */
  get now(): number {
    return this.#seconds() * 1000;
  }

  /** When the oldest of them was decided, or before; Infinity when nothing is remembered, -Infinity when that is not known yet. */
  get oldest(): number {
    if (this.#count === 0) return Infinity;
    return this.#timed === 0 ? -Infinity : this.#times[this.#first] * 1000;
  }

  /** How far back it remembers now, in milliseconds: less than the window where their number or memory bounds it. */
  get lengthMs(): number {
    if (this.#now - this.#dropped * 1000 >= this.windowMs || this.#timed === 0) return this.windowMs;
    return Math.min(this.windowMs, Math.max(0, this.#now - this.#times[this.#first] * 1000));
  }

  /** It knows no identity, decided or outstanding. */
  get empty(): boolean {
    return this.#count === 0 && this.#outstanding.size === 0;
  }

  known(identity: Uint32Array): 'no' | 'outstanding' | 'decided' {
    if (this.#find(identity) >= 0) return 'decided';
    return this.#outstanding.size > 0 && this.#outstanding.get(identity) >= 0 ? 'outstanding' : 'no';
  }

  /** The record is outstanding now, and is known as long as it is, though it was decided before its redrive. */
  redriven(identity: Uint32Array): void {
    this.#outstanding.set(identity, 1);
  }

  /** It is outstanding under another redrive count now. */
  released(identity: Uint32Array): void {
    this.#outstanding.delete(identity);
  }

  /** The record is outstanding now. A decided identity stays decided. */
  outstanding(identity: Uint32Array): void {
    if (this.#find(identity) < 0) this.#outstanding.set(identity, 1);
  }

  /** The record was decided. Its age counts from the next `advance`, that of its commit: before, the last one may be long ago. */
  decided(identity: Uint32Array): void {
    if (this.#outstanding.size > 0) this.#outstanding.delete(identity);
    if (this.#most === 0 || this.#find(identity) >= 0) return;
    const rows = this.#times.length;
    const grows = rows < FLOOR_ROWS || this.#memory.room(rows * ROW_BYTES);
    if (this.#count === this.#most || (this.#count === rows && !grows)) this.#dropEarly();
    if (this.#count === rows) this.#resize(rows * 2);
    const row = (this.#first + this.#count) & (this.#times.length - 1);
    this.#hashes.set(identity, row * 4);
    this.#count++;
    this.#index.add(row);
  }

  /**
   * The time of the window: the highest at which a log stamped an output of this task, milliseconds since 1970. Neither the clock of
   * this machine nor that of a client: after a hand-over the window must be the same. Never moves back. Drops what is too old, to the second.
   */
  advance(appendTime: number): void {
    this.#now = Math.max(this.#now, appendTime);
    const seconds = this.#seconds();
    for (; this.#timed < this.#count; this.#timed++)
      this.#times[(this.#first + this.#timed) & (this.#times.length - 1)] = seconds;
    this.#expire();
  }

  /** Halves its memory while the tasks together have more than they may. */
  relieve(): void {
    const rows = this.#times.length;
    if (rows <= FLOOR_ROWS || !this.#memory.over) return;
    while (this.#count > rows / 2) this.#dropEarly();
    this.#resize(rows / 2);
  }

  #seconds(): number {
    return Math.max(0, Math.floor(this.#now / 1000));
  }

  #expire(): void {
    const oldest = (this.#now - this.windowMs) / 1000 - 1;
    while (this.#timed > 0 && this.#times[this.#first] < oldest) this.#dropOldest();
  }

  #find(identity: Uint32Array): number {
    this.#wanted = identity;
    return this.#index.find(identity[0], this.#isWanted);
  }

  #dropOldest(): void {
    this.#index.remove(this.#first);
    this.#first = (this.#first + 1) & (this.#times.length - 1);
    this.#count--;
    if (this.#timed > 0) this.#timed--;
  }

  #resize(rows: number): void {
    const old = this.#times.length;
    this.#memory.take((rows - old) * ROW_BYTES);
    const times = new Uint32Array(rows);
    const hashes = new Uint32Array(rows * 4);
    for (let i = 0; i < this.#count; i++) {
      const row = (this.#first + i) & (old - 1);
      times[i] = this.#times[row];
      hashes.set(this.#hashes.subarray(row * 4, row * 4 + 4), i * 4);
    }
    this.#first = 0;
    this.#times = times;
    this.#hashes = hashes;
    this.#index.clear();
    for (let row = 0; row < this.#count; row++) this.#index.add(row);
  }

  /** The oldest has to go before its time. */
  #dropEarly(): void {
    if (this.#timed > 0) this.#dropped = this.#times[this.#first];
    this.#dropOldest();
  }
}
