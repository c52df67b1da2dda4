import type { Clock } from '@verdikt/core/ports/clock.ts';

/** A transaction that took as long saw a broker stand still; leaders may come and go for some time after it. */
const SLOW_MS = 1_000;
const UNSETTLED_MS = 10_000;
/** The same may have happened unseen between two transactions. */
const IDLE_MS = 2_000;

/** Taken when a transaction begins. */
export interface Begun {
  /** By the clock, milliseconds. */
  readonly at: number;
  readonly closures: number;
}

/**
 * When the end of a committed transaction may be missing on its outputs. A broker that stands still, or is killed and comes back, can
 * have no leader for its partitions for a moment; ends that are due just then are left out (KAFKA-20734). Sockets need not close for
 * that, so time tells too. Without doubt it is unlikely, not impossible: nobody is asked for each transaction.
 */
export class Doubt {
  readonly #clock: Clock;
  readonly #closures: () => number;
  /** The last transaction that ended, until brokers have said that its end was written. */
  #last: (Begun & { readonly endedAt: number }) | undefined;
  #unsettledUntil = -Infinity;

  /** `closures`: see Link. */
  constructor(clock: Clock, closures: () => number) {
    this.#clock = clock;
    this.#closures = closures;
  }

  begin(): Begun {
    return { at: this.#clock.now(), closures: this.#closures() };
  }

  ended(begun: Begun): void {
    const endedAt = this.#clock.now();
    this.#last = { ...begun, endedAt };
    if (endedAt - begun.at >= SLOW_MS) this.#unsettledUntil = endedAt + UNSETTLED_MS;
  }

  /** Whether brokers should be asked before the transaction that has begun writes anything. */
  arises(begun = this.begin()): boolean {
    if (this.#last === undefined) return false;
    const now = this.#clock.now();
    return (
      this.#last.closures !== this.#closures() ||
      now < this.#unsettledUntil ||
      now - begun.at >= SLOW_MS ||
      now - this.#last.endedAt >= IDLE_MS
    );
  }

  /** Asks brokers, and believes them. */
  async settle(ask: () => Promise<void>): Promise<void> {
    const last = this.#last;
    await ask();
    if (this.#last === last) this.#last = undefined;
  }
}
