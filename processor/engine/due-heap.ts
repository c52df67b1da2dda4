/** Binary heap of (due, slot, incarnation), earliest first; equal times in order of entry. Stale entries are left to the reader. */
export interface DueEntry {
  readonly due: number;
  readonly slot: number;
  readonly incarnation: number;
  readonly order: number;
}

export class DueHeap {
  #heap: DueEntry[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  peek(): DueEntry | undefined {
    return this.#heap[0];
  }

  /** How many entries are due, stale ones included; costs as much as its answer. */
  countDue(now: number): number {
    const walk = (i: number): number =>
      i < this.#heap.length && this.#heap[i].due <= now ? 1 + walk(2 * i + 1) + walk(2 * i + 2) : 0;
    return walk(0);
  }

  push(due: number, slot: number, incarnation: number): void {
    const h = this.#heap;
    const e: DueEntry = { due, slot, incarnation, order: this.#order++ };
    let i = h.length;
    h.push(e);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(e, h[parent])) break;
      h[i] = h[parent];
      i = parent;
    }
    h[i] = e;
  }

  pop(): DueEntry | undefined {
    const h = this.#heap;
    const top = h[0];
    const last = h.pop();
    if (top === undefined || last === undefined || h.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= h.length) break;
      if (child + 1 < h.length && before(h[child + 1], h[child])) child++;
      if (!before(h[child], last)) break;
      h[i] = h[child];
      i = child;
    }
    h[i] = last;
    return top;
  }
}

const before = (a: DueEntry, b: DueEntry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);
