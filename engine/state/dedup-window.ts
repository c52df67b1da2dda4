import { HashIndex } from '@verdikt/core/hash/hash-index.ts';
import { MemoryBudget, type MemoryShare } from '../policy/memory.ts';

const FIRST_ROWS = 64;
/** Hash, time, and two places in the table. */
const ROW_BYTES = 28;
/** So many are remembered whatever else needs memory. */
const FLOOR_ROWS = 65_536;

/**
 * Identities (group, id, redrive count, key) that this task has decided within its window, and those that are outstanding.
 * Outstanding ones never leave by age.
 *
 * Decided identities are a ring, oldest first, with an open-addressing table of row numbers over it: 28 bytes a row, so 28 to
 * 56 bytes an identity. The hashes are of good quality, so their first word is the place in the table.
 */
export class DedupWindow {
  readonly #outstanding = new HashIndex();
  readonly #windowMs: number;
  readonly #most: number;
  #hashes = new Uint32Array(FIRST_ROWS * 4);
  /** Seconds since 1970. */
  #times = new Uint32Array(FIRST_ROWS);
  /** Row + 1; 0 is free. Twice as many as rows, so that runs stay short. */
  #table = new Int32Array(FIRST_ROWS * 2);
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
    this.#windowMs = windowMs;
    this.#most = most;
    this.#memory = memory;
    memory.take(FIRST_ROWS * ROW_BYTES);
  }

  /** Decided identities that are remembered. */
  get size(): number {
    return this.#count;
  }

  /** How far back it remembers now, in milliseconds: less than the window where their number or memory bounds it. */
  get lengthMs(): number {
    if (this.#now - this.#dropped * 1000 >= this.#windowMs || this.#timed === 0) return this.#windowMs;
    return Math.min(this.#windowMs, Math.max(0, this.#now - this.#times[this.#first] * 1000));
  }

  known(identity: Uint32Array): 'no' | 'outstanding' | 'decided' {
    if (this.#table[this.#find(identity, 0)] !== 0) return 'decided';
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
    if (this.#table[this.#find(identity, 0)] === 0) this.#outstanding.set(identity, 1);
  }

  /** The record was decided. Its age counts from the next `advance`, that of its commit: before, the last one may be long ago. */
  decided(identity: Uint32Array): void {
    if (this.#outstanding.size > 0) this.#outstanding.delete(identity);
    if (this.#most === 0 || this.#table[this.#find(identity, 0)] !== 0) return;
    const rows = this.#times.length;
    const grows = rows < FLOOR_ROWS || this.#memory.room(rows * ROW_BYTES);
    if (this.#count === this.#most || (this.#count === rows && !grows)) this.#dropEarly();
    if (this.#count === rows) this.#resize(rows * 2);
    const row = (this.#first + this.#count) & (this.#times.length - 1);
    this.#hashes.set(identity, row * 4);
    this.#count++;
    this.#table[this.#find(identity, 0)] = row + 1;
  }

  /**
   * The time of the window: the highest at which a log stamped an output of this task, milliseconds since 1970. Neither the clock of
   * this machine nor that of whoever wrote a submission: after a hand-over the window must be the same. Never moves back. Drops what is too old, to the second.
   */
  advance(appendTime: number): void {
    this.#now = Math.max(this.#now, appendTime);
    const seconds = Math.max(0, Math.floor(this.#now / 1000));
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

  #expire(): void {
    const oldest = (this.#now - this.#windowMs) / 1000 - 1;
    while (this.#timed > 0 && this.#times[this.#first] < oldest) this.#dropOldest();
  }

  /** Where the table has the identity at `hashes[at]`, or the free place where it belongs. */
  #find(hashes: Uint32Array, at: number): number {
    const table = this.#table;
    const rows = this.#hashes;
    const mask = table.length - 1;
    for (let p = hashes[at] & mask; ; p = (p + 1) & mask) {
      const row = table[p] - 1;
      if (row < 0) return p;
      const r = row * 4;
      if (
        rows[r] === hashes[at] &&
        rows[r + 1] === hashes[at + 1] &&
        rows[r + 2] === hashes[at + 2] &&
        rows[r + 3] === hashes[at + 3]
      )
        return p;
    }
  }

  #dropOldest(): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#find(this.#hashes, this.#first * 4);
    table[hole] = 0;
    // Backward shift: what was pushed past the hole moves into it, so that no search ends too soon.
    for (let p = (hole + 1) & mask; table[p] !== 0; p = (p + 1) & mask) {
      const home = this.#hashes[(table[p] - 1) * 4] & mask;
      if (((p - home) & mask) < ((p - hole) & mask)) continue;
      table[hole] = table[p];
      table[p] = 0;
      hole = p;
    }
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
    this.#table = new Int32Array(rows * 2);
    for (let row = 0; row < this.#count; row++) this.#table[this.#find(hashes, row * 4)] = row + 1;
  }

  /** The oldest has to go before its time. */
  #dropEarly(): void {
    if (this.#timed > 0) this.#dropped = this.#times[this.#first];
    this.#dropOldest();
  }
}
