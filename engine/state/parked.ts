import { PARKED, type EntryTable } from './entries.ts';

/** The outstanding records that wait for an operator, and since when. Questions cost as much as there are entries. */
export class Parked {
  readonly #entries: EntryTable;
  #count = 0;

  constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  /** It must not be scheduled. `at`: milliseconds since 1970. */
  park(slot: number, at: number): void {
    if (!this.#entries.has(slot, PARKED)) this.#count++;
    this.#entries.set(slot, PARKED);
    this.#entries.due[slot] = at;
  }

  release(slot: number): void {
    if (!this.#entries.has(slot, PARKED)) return;
    this.#entries.clear(slot, PARKED);
    this.#entries.due[slot] = -1;
    this.#count--;
  }

  /** Its slot; -1 when there is none. */
  find(origin: number, redrive: number): number {
    const e = this.#entries;
    for (const slot of this.#slots())
      if (e.origin[slot] === origin && e.redrive[slot] === redrive) return slot;
    return -1;
  }

  /** Keys that have a parked record. */
  get keys(): number {
    const lanes = new Set<number>();
    for (const slot of this.#slots()) lanes.add(this.#entries.lane[slot]);
    return lanes.size;
  }

  /** When the oldest was parked; Infinity when none is. */
  get oldest(): number {
    let oldest = Infinity;
    for (const slot of this.#slots()) oldest = Math.min(oldest, this.#entries.due[slot]);
    return oldest;
  }

  *#slots(): Generator<number> {
    if (this.#count === 0) return;
    for (const slot of this.#entries.live()) if (this.#entries.has(slot, PARKED)) yield slot;
  }
}
