/** Words per row: four of the hash, one value. In one array, so that a look-up touches one cache line. */
const ROW = 5;
const EMPTY = -1;

/**
 * A map from 128-bit hashes (four words of a Uint32Array) to integers 0 .. 2^31 - 1, without an object per entry: open
 * addressing with linear probing, at most 3/4 full; a deleted row is closed by moving back what follows, so that it never
 * slows down with use. 20 bytes a row; 1 M entries take 40 MiB, and half as much again for the moment in which it grows.
 * The hashes must be well mixed; their first word chooses the row. It grows but never shrinks.
 */
export class HashIndex {
  #rows: Int32Array;
  #mask: number;
  #size = 0;

  /** `expected`: entries that fit before it has to grow. */
  constructor(expected = 0) {
    let capacity = 16;
    while (capacity * 0.75 < expected) capacity *= 2;
    this.#mask = capacity - 1;
    this.#rows = new Int32Array(capacity * ROW).fill(EMPTY);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.#rows.byteLength;
  }

  /** The value at the four words of `hash` from `at`; -1 when there is none. */
  get(hash: Uint32Array, at = 0): number {
    return this.#rows[this.#find(hash, at) * ROW + 4];
  }

  /** Sets or replaces. Throws RangeError on a value outside 0 .. 2^31 - 1. */
  set(hash: Uint32Array, value: number, at = 0): void {
    if (value < 0 || (value | 0) !== value) throw new RangeError(`value ${value} is not an integer in 0 .. 2^31 - 1`);
    const row = this.#find(hash, at);
    const p = row * ROW;
    if (this.#rows[p + 4] === EMPTY) {
      if (this.#size + 1 > (this.#mask + 1) * 0.75) {
        this.#grow();
        this.set(hash, value, at);
        return;
      }
      this.#size++;
      for (let i = 0; i < 4; i++) this.#rows[p + i] = hash[at + i];
    }
    this.#rows[p + 4] = value;
  }

  /** True when there was an entry. */
  delete(hash: Uint32Array, at = 0): boolean {
    const rows = this.#rows;
    const mask = this.#mask;
    let hole = this.#find(hash, at);
    if (rows[hole * ROW + 4] === EMPTY) return false;
    // An entry further on may fill the hole unless its own first row lies between the hole and itself.
    for (let row = (hole + 1) & mask; rows[row * ROW + 4] !== EMPTY; row = (row + 1) & mask) {
      const home = rows[row * ROW] & mask;
      if (((row - home) & mask) < ((row - hole) & mask)) continue;
      rows.copyWithin(hole * ROW, row * ROW, row * ROW + ROW);
      hole = row;
    }
    rows[hole * ROW + 4] = EMPTY;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#rows.fill(EMPTY);
    this.#size = 0;
  }

  /** Row of the entry, or the empty row where it would be. */
  #find(hash: Uint32Array, at: number): number {
    const rows = this.#rows;
    const mask = this.#mask;
    const a = hash[at] | 0;
    const b = hash[at + 1] | 0;
    const c = hash[at + 2] | 0;
    const d = hash[at + 3] | 0;
    let row = a & mask;
    for (;;) {
      const p = row * ROW;
      if (rows[p + 4] === EMPTY) return row;
      if (rows[p] === a && rows[p + 1] === b && rows[p + 2] === c && rows[p + 3] === d) return row;
      row = (row + 1) & mask;
    }
  }

  #grow(): void {
    const old = this.#rows;
    const capacity = (this.#mask + 1) * 2;
    const rows = new Int32Array(capacity * ROW).fill(EMPTY);
    const mask = capacity - 1;
    for (let p = 0; p < old.length; p += ROW) {
      if (old[p + 4] === EMPTY) continue;
      let row = old[p] & mask;
      while (rows[row * ROW + 4] !== EMPTY) row = (row + 1) & mask;
      const q = row * ROW;
      for (let i = 0; i < ROW; i++) rows[q + i] = old[p + i];
    }
    this.#rows = rows;
    this.#mask = mask;
  }
}
