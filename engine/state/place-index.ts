import { RowIndex } from '@verdikt/core/hash/row-index.ts';
import type { EntryTable } from './entries.ts';

/** Mixes origin and redrive count, so that any bits of it spread small integers over a table. 32 bits. */
export const placeHash = (origin: number, redrive: number): number => {
  const high = Math.floor(origin / 0x1_0000_0000);
  let h = Math.imul(origin ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(redrive, 0xc2b2ae35), 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return (h ^ (h >>> 13)) >>> 0;
};

/**
 * Finds entries by their origin and redrive count, which no two outstanding records share. An entry must be taken out before either of
 * them changes.
 */
export class PlaceIndex {
  readonly #entries: EntryTable;
  readonly #index: RowIndex;

  constructor(entries: EntryTable) {
    this.#entries = entries;
    this.#index = new RowIndex({
      hashOf: (slot) => placeHash(entries.origin[slot], entries.redrive[slot]),
    });
  }

  /** Its slot; -1 when it is not in the index. */
  find(origin: number, redrive: number): number {
    const e = this.#entries;
    return this.#index.find(
      placeHash(origin, redrive),
      (slot) => e.origin[slot] === origin && e.redrive[slot] === redrive,
    );
  }

  /** Adds a slot whose place is not in the index. */
  add(slot: number): void {
    this.#index.add(slot);
  }

  /** Takes it out, if it is there. Returns its slot, or -1. */
  take(origin: number, redrive: number): number {
    const slot = this.find(origin, redrive);
    if (slot >= 0) this.#index.remove(slot);
    return slot;
  }
}
