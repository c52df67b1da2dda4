import { PARKED, RUNNING } from './entries.ts';
import type { Lanes } from './lanes.ts';

/** Heads whose time has come but that must wait for a place, in the order in which they came. */
export class Aside {
  readonly #lanes: Lanes;
  #slots: number[] = [];
  #incarnations: number[] = [];
  #at = 0;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /** Those that have gone meanwhile included. */
  get size(): number {
    return this.#slots.length - this.#at;
  }

  put(slot: number): void {
    this.#slots.push(slot);
    this.#incarnations.push(this.#lanes.entries.incarnation[slot]);
  }

  /** The next one that is still there; -1: none. */
  take(): number {
    const e = this.#lanes.entries;
    while (this.#at < this.#slots.length) {
      const slot = this.#slots[this.#at];
      const there = e.incarnation[slot] === this.#incarnations[this.#at++] && e.due[slot] < 0;
      this.#shrink();
      if (there && !e.has(slot, RUNNING | PARKED) && this.#lanes.isHead(slot)) return slot;
    }
    return -1;
  }

  #shrink(): void {
    if (this.#at < 1_000 && this.#at < this.#slots.length) return;
    this.#slots = this.#slots.slice(this.#at);
    this.#incarnations = this.#incarnations.slice(this.#at);
    this.#at = 0;
  }
}
