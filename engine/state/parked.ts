import { PARKED, type EntryTable } from './entries.ts';

/** The outstanding records that wait for an operator, and since when. */
export class Parked {
  readonly #entries: EntryTable;
  /** By origin and redrive count, which no two outstanding records share. */
  readonly #slots = new Map<string, { readonly slot: number; readonly at: number }>();

  constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  /** `at`: milliseconds since 1970. */
  park(slot: number, at: number): void {
    this.#entries.set(slot, PARKED);
    this.#slots.set(this.#name(slot), { slot, at });
  }

  release(slot: number): void {
    if (!this.#entries.has(slot, PARKED)) return;
    this.#entries.clear(slot, PARKED);
    this.#slots.delete(this.#name(slot));
  }

  /** Its slot; -1 when there is none. */
  find(origin: number, redrive: number): number {
    return this.#slots.get(`${origin} ${redrive}`)?.slot ?? -1;
  }

  /** Keys that have a parked record. Costs as much as there are parked records. */
  get keys(): number {
    return new Set([...this.#slots.values()].map(({ slot }) => this.#entries.lane[slot])).size;
  }

  /** When the oldest was parked; Infinity when none is. Costs as `keys`. */
  get oldest(): number {
    let oldest = Infinity;
    for (const { at } of this.#slots.values()) oldest = Math.min(oldest, at);
    return oldest;
  }

  #name(slot: number): string {
    return `${this.#entries.origin[slot]} ${this.#entries.redrive[slot]}`;
  }
}
