import { BytePool } from '@verdikt/core/record/byte-pool.ts';

/** About the verdicts of sixteen full slices. */
const IDLE_PAGES = 16 * 1024 * 1024;

/**
 * Bytes that the tasks of a process share for what grows with work and can be let go: values of outstanding records, the dedup
 * window above its floor. Nobody is refused: a task that finds it used up lets go of what can be had again from Kafka.
 */
export class MemoryBudget {
  /** Bytes. */
  readonly limit: number;
  /** Of what the plans hold until they are committed. Its idle bytes are part of what a process needs at full speed. */
  readonly pages: BytePool;
  used = 0;

  /** `after`: see BytePool. */
  constructor(limit: number, after?: ConstructorParameters<typeof BytePool>[1]) {
    this.limit = limit;
    this.pages = new BytePool(IDLE_PAGES, after);
  }

  /** For one life of a task. */
  share(): MemoryShare {
    return new MemoryShare(this);
  }
}

/** What one task has of the budget. */
export class MemoryShare {
  readonly #budget: MemoryBudget;
  #used = 0;
  #closed = false;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  get pages(): BytePool {
    return this.#budget.pages;
  }

  /** The tasks together have more than they may. */
  get over(): boolean {
    return this.#budget.used > this.#budget.limit;
  }

  /** May the tasks together have so much more? */
  room(bytes: number): boolean {
    return this.#budget.used + bytes <= this.#budget.limit;
  }

  take(bytes: number): void {
    if (this.#closed) return;
    this.#used += bytes;
    this.#budget.used += bytes;
  }

  give(bytes: number): void {
    this.take(-bytes);
  }

  /** Gives all of it back; what is taken or given later does not count. */
  close(): void {
    this.give(this.#used);
    this.#closed = true;
  }
}
