import { resized, roomAfter } from '@verdikt/core/hash/column.ts';
import type { EntryTable } from './entries.ts';

/**
 * Binary heap of the slots that are scheduled, by `due`, earliest first; equal times in the order in which they were scheduled. A
 * slot knows its place, so that it can be taken out: nothing in the heap is stale. 4 bytes a slot beside its columns.
 */
export class DueHeap {
  readonly #entries: EntryTable;
  #slots = new Int32Array(16);
  #size = 0;
  /** Wraps around: what is in the heap at once is far less than half of its range. */
  #order = 0;

  constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  get size(): number {
    return this.#size;
  }

  /** The earliest; -1 when there is none. */
  get first(): number {
    return this.#size === 0 ? -1 : this.#slots[0];
  }

  /** How many are due; costs as much as its answer. */
  countDue(now: number): number {
    const { due } = this.#entries;
    let found = 0;
    const open = [0];
    for (let i = open.pop(); i !== undefined; i = open.pop()) {
      if (i >= this.#size || due[this.#slots[i]] > now) continue;
      found++;
      open.push(2 * i + 1, 2 * i + 2);
    }
    return found;
  }

  /** Schedules a slot, or reschedules it. */
  set(slot: number, due: number): void {
    const e = this.#entries;
    this.remove(slot);
    e.due[slot] = due;
    e.order[slot] = this.#order = (this.#order + 1) >>> 0;
    if (this.#size === this.#slots.length) this.#slots = resized(this.#slots, roomAfter(this.#size));
    this.#up(this.#size++, slot);
  }

  /** Takes a slot off the schedule; no-op for one that is not on it. */
  remove(slot: number): void {
    const e = this.#entries;
    const at = e.heapAt[slot];
    if (at < 0) return;
    e.heapAt[slot] = -1;
    e.due[slot] = -1;
    const last = this.#slots[--this.#size];
    if (last !== slot) {
      if (at > 0 && this.#before(last, this.#slots[(at - 1) >> 1])) this.#up(at, last);
      else this.#down(at, last);
    }
    if (this.#size === 0 && this.#slots.length > 16) this.#slots = resized(this.#slots, 16);
  }

  #up(from: number, slot: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(slot, this.#slots[parent])) break;
      this.#put(i, this.#slots[parent]);
      i = parent;
    }
    this.#put(i, slot);
  }

  #down(from: number, slot: number): void {
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#slots[child + 1], this.#slots[child])) child++;
      if (this.#before(slot, this.#slots[child])) break;
      this.#put(i, this.#slots[child]);
      i = child;
    }
    this.#put(i, slot);
  }

  #before(a: number, b: number): boolean {
    const { due, order } = this.#entries;
    return due[a] < due[b] || (due[a] === due[b] && ((order[a] - order[b]) | 0) < 0);
  }

  #put(i: number, slot: number): void {
    this.#slots[i] = slot;
    this.#entries.heapAt[slot] = i;
  }
}
