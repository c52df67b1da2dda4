const FREE = 0;
const FEWEST = 16;
/** Rows to places in the table at most. */
const LOAD = 0.875;

/** Does the row of a column of 128-bit hashes, four words each, hold this one? */
export const sameHash = (hashes: Uint32Array, row: number, hash: Uint32Array): boolean => {
  const at = row * 4;
  return (
    hashes[at] === hash[0] &&
    hashes[at + 1] === hash[1] &&
    hashes[at + 2] === hash[2] &&
    hashes[at + 3] === hash[3]
  );
};

/** The rows of an index: what they are found by lies in columns of its user. */
interface Rows {
  /** Well mixed: any of its bits may choose the place. Always the same for a row that is in the index. */
  hashOf(row: number): number;
}

/**
 * Finds rows of columns by a key that the columns hold themselves: a table of row numbers, open addressing with linear probing. A
 * deleted place is closed by moving back what follows, so that it never slows down with use. 5 to 9 bytes a row. It grows as
 * needed, and gives its memory back when it is empty. With hashes beside the rows it takes twice as much, and neither a search nor a removal
 * looks at the columns of other rows, each of which may be far away.
 */
export class RowIndex {
  readonly #rows: Rows;
  /** Numbers of a place: row + 1, and its hash where that is kept. */
  readonly #step: 1 | 2;
  #table: Int32Array;
  #size = 0;

  constructor(rows: Rows, hashes: 'asked' | 'kept' = 'asked') {
    this.#rows = rows;
    this.#step = hashes === 'kept' ? 2 : 1;
    this.#table = new Int32Array(FEWEST * this.#step);
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of the table. */
  get bytes(): number {
    return this.#table.byteLength;
  }

  /** The row with that hash which `is` says is the one; -1 when there is none. */
  find(hash: number, is: (row: number) => boolean): number {
    const table = this.#table;
    const step = this.#step;
    const mask = table.length - 1;
    const wanted = hash | 0;
    for (let p = (wanted * step) & mask; ; p = (p + step) & mask) {
      const row = table[p] - 1;
      if (row < 0 || ((step === 1 || table[p + 1] === wanted) && is(row))) return row;
    }
  }

  /** Adds a row that is not in the index. */
  add(row: number): void {
    if ((this.#size + 1) * this.#step > this.#table.length * LOAD) this.#rebuild(this.#table.length * 2);
    this.#put(row + 1, this.#rows.hashOf(row) | 0);
    this.#size++;
  }

  /** Takes out a row that is in the index. */
  remove(row: number): void {
    const table = this.#table;
    const step = this.#step;
    const mask = table.length - 1;
    let hole = ((this.#rows.hashOf(row) | 0) * step) & mask;
    while (table[hole] !== row + 1) hole = (hole + step) & mask;
    table[hole] = FREE;
    // What was pushed past the hole moves into it, so that no search ends too soon.
    for (let p = (hole + step) & mask; table[p] !== FREE; p = (p + step) & mask) {
      const home = (this.#hashAt(p) * step) & mask;
      if (((p - home) & mask) < ((p - hole) & mask)) continue;
      table[hole] = table[p];
      if (step === 2) table[hole + 1] = table[p + 1];
      table[p] = FREE;
      hole = p;
    }
    if (--this.#size === 0 && table.length > FEWEST * step) this.#table = new Int32Array(FEWEST * step);
  }

  clear(): void {
    this.#table = new Int32Array(FEWEST * this.#step);
    this.#size = 0;
  }

  #hashAt(p: number): number {
    return this.#step === 2 ? this.#table[p + 1] : this.#rows.hashOf(this.#table[p] - 1) | 0;
  }

  #put(place: number, hash: number): void {
    const table = this.#table;
    const step = this.#step;
    const mask = table.length - 1;
    let p = (hash * step) & mask;
    while (table[p] !== FREE) p = (p + step) & mask;
    table[p] = place;
    if (step === 2) table[p + 1] = hash;
  }

  #rebuild(length: number): void {
    const old = this.#table;
    const step = this.#step;
    this.#table = new Int32Array(length);
    for (let p = 0; p < old.length; p += step)
      if (old[p] !== FREE) this.#put(old[p], step === 2 ? old[p + 1] : this.#rows.hashOf(old[p] - 1) | 0);
  }
}
