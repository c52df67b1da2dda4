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
 * needed, and gives its memory back when it is empty.
 */
export class RowIndex {
  readonly #rows: Rows;
  /** Row + 1. */
  #table = new Int32Array(FEWEST);
  #size = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
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
    const mask = table.length - 1;
    for (let p = hash & mask; ; p = (p + 1) & mask) {
      const row = table[p] - 1;
      if (row < 0 || is(row)) return row;
    }
  }

  /** Adds a row that is not in the index. */
  add(row: number): void {
    if (this.#size + 1 > this.#table.length * LOAD) this.#rebuild(this.#table.length * 2);
    this.#put(row);
    this.#size++;
  }

  /** Takes out a row that is in the index. */
  remove(row: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#rows.hashOf(row) & mask;
    while (table[hole] !== row + 1) hole = (hole + 1) & mask;
    table[hole] = FREE;
    // What was pushed past the hole moves into it, so that no search ends too soon.
    for (let p = (hole + 1) & mask; table[p] !== FREE; p = (p + 1) & mask) {
      const home = this.#rows.hashOf(table[p] - 1) & mask;
      if (((p - home) & mask) < ((p - hole) & mask)) continue;
      table[hole] = table[p];
      table[p] = FREE;
      hole = p;
    }
    if (--this.#size === 0 && table.length > FEWEST) this.#table = new Int32Array(FEWEST);
  }

  clear(): void {
    this.#table = new Int32Array(FEWEST);
    this.#size = 0;
  }

  #put(row: number): void {
    const table = this.#table;
    const mask = table.length - 1;
    let p = this.#rows.hashOf(row) & mask;
    while (table[p] !== FREE) p = (p + 1) & mask;
    table[p] = row + 1;
  }

  #rebuild(length: number): void {
    const old = this.#table;
    this.#table = new Int32Array(length);
    for (const place of old) if (place !== FREE) this.#put(place - 1);
  }
}
