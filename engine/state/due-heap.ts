import { grown } from '@verdikt/core/hash/grown.ts';

/**
 * Binary heap of (due, slot, incarnation), earliest first; equal times in order of entry. Typed columns: 24 bytes an entry.
 * Stale entries are left to the reader.
 */
export class DueHeap {
  #due = new Float64Array(16);
  /** Breaks ties; counts up for ever. */
  #order = new Float64Array(16);
  #slot = new Int32Array(16);
  #incarnation = new Uint32Array(16);
  #size = 0;
  #next = 0;

  get size(): number {
    return this.#size;
  }

  /** Of the earliest entry; Infinity, -1 and 0 when there is none. */
  get due(): number {
    return this.#size === 0 ? Infinity : this.#due[0];
  }
  get slot(): number {
    return this.#size === 0 ? -1 : this.#slot[0];
  }
  get incarnation(): number {
    return this.#size === 0 ? 0 : this.#incarnation[0];
  }

  /** How many entries are due, stale ones included; costs as much as its answer. */
  countDue(now: number): number {
    const walk = (i: number): number =>
      i < this.#size && this.#due[i] <= now ? 1 + walk(2 * i + 1) + walk(2 * i + 2) : 0;
    return walk(0);
  }

  push(due: number, slot: number, incarnation: number): void {
    if (this.#size === this.#due.length) this.#grow();
    const order = this.#next++;
    let i = this.#size++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.#before(due, order, parent)) break;
      this.#move(parent, i);
      i = parent;
    }
    this.#put(i, due, order, slot, incarnation);
  }

  /** Takes the earliest entry off. */
  pop(): void {
    if (this.#size === 0) return;
    const last = --this.#size;
    const due = this.#due[last];
    const order = this.#order[last];
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#before(this.#due[child + 1], this.#order[child + 1], child)) child++;
      if (this.#before(due, order, child)) break;
      this.#move(child, i);
      i = child;
    }
    this.#put(i, due, order, this.#slot[last], this.#incarnation[last]);
  }

  #before(due: number, order: number, than: number): boolean {
    return due < this.#due[than] || (due === this.#due[than] && order < this.#order[than]);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#due[from], this.#order[from], this.#slot[from], this.#incarnation[from]);
  }

  #put(i: number, due: number, order: number, slot: number, incarnation: number): void {
    this.#due[i] = due;
    this.#order[i] = order;
    this.#slot[i] = slot;
    this.#incarnation[i] = incarnation;
  }

  #grow(): void {
    const n = this.#due.length * 2;
    this.#due = grown(this.#due, n);
    this.#order = grown(this.#order, n);
    this.#slot = grown(this.#slot, n);
    this.#incarnation = grown(this.#incarnation, n);
  }
}
