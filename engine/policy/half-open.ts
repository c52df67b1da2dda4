import type { CircuitConfig } from './circuit-call.ts';

/** Calls that try at once as long as none has succeeded. */
const MOST_UNPROVEN = 8;
/** Of a round. */
const STUCK = 0.5;

/**
 * The places of a circuit that is half-open. One call tries; where it fails, two try when the circuit is half-open again, then four, then
 * eight: keys that fail by themselves would otherwise keep it open for a whole round each. From the first success on places are used again
 * as calls end, and double after as many successes; also when keys that fail have all that they may have for half a round, and give no
 * answer: one after the other, they would keep those behind them for minutes.
 */
export class HalfOpen {
  readonly #config: Pick<CircuitConfig, 'failures' | 'halfOpenMs' | 'concurrency'>;
  /** Rounds since the opening in which nothing succeeded. */
  #failed = 0;
  #places = 1;
  /** Some call of this round has succeeded. */
  #proven = false;
  /** Failures in a row that count. */
  #row = 0;
  /** Successes with this many places. */
  #good = 0;
  /** Places in use or reserved. */
  #taken = 0;
  /** Places that were taken in this round, and used. */
  #made = 0;
  #takenAt = -Infinity;
  /** When places doubled for want of an answer. */
  #grownAt = -Infinity;

  constructor(config: CircuitConfig) {
    this.#config = config;
  }

  get places(): number {
    return this.#places;
  }

  get proven(): boolean {
    return this.#proven;
  }

  /** When the last place was taken. */
  get takenAt(): number {
    return this.#takenAt;
  }

  /** A call that has not answered for `halfOpenMs` keeps no other from being tried. */
  hasPlace(now: number): boolean {
    return (this.#proven ? this.#taken : this.#made) < this.#places || this.#late(now);
  }

  /** Nobody tries, as far as anybody waits for it. */
  idle(now: number): boolean {
    return this.#taken === 0 || this.#late(now);
  }

  /** When places double though no call ends; Infinity: they do not. `failing`: keys that fail and try now. */
  stuckAt(failing: number): number {
    const grows = this.#proven && this.#places < this.#config.concurrency && !this.takesFailing(failing);
    return grows ? Math.max(this.#takenAt, this.#grownAt) + this.#config.halfOpenMs * STUCK : Infinity;
  }

  pass(failing: number, now: number): void {
    if (now < this.stuckAt(failing)) return;
    this.#places = Math.min(this.#places * 2, this.#config.concurrency);
    this.#grownAt = now;
  }

  /** A call begins that a place was kept for: checks before it may have taken their time. */
  begin(now: number): void {
    this.#takenAt = now;
  }

  take(now: number): void {
    this.#taken++;
    this.#made++;
    this.#takenAt = now;
  }

  /** A call has ended. */
  give(): void {
    this.#taken = Math.max(0, this.#taken - 1);
  }

  /** A place was not used. */
  giveBack(): void {
    this.give();
    this.#made = Math.max(0, this.#made - 1);
  }

  /**
   * May one more of a key that fails try? They may take their time to fail, so that one place in four is left to others once some call has
   * succeeded.
   */
  takesFailing(failing: number): boolean {
    return !this.#proven || failing < Math.max(1, this.#places - Math.ceil(this.#places / 4));
  }

  /** True: places have grown to all that may run. */
  succeeded(): boolean {
    this.#proven = true;
    this.#row = 0;
    if (++this.#good < this.#places) return false;
    this.#good = 0;
    this.#places *= 2;
    return this.#places >= this.#config.concurrency;
  }

  /** `first`: since the last success of its key. True: the round has failed. */
  failedOne(first: boolean): boolean {
    if (first || !this.#proven) this.#row++;
    return this.#row >= (this.#proven ? this.#config.failures : this.#places);
  }

  /** Begins the next round. `failed`: this one did; one in which a call succeeded is followed by one as large. */
  restart(failed: boolean): void {
    if (!failed) this.#failed = 0;
    else if (!this.#proven) this.#failed++;
    this.#places = Math.min(2 ** this.#failed, MOST_UNPROVEN, this.#config.concurrency);
    this.#proven = false;
    this.#row = 0;
    this.#good = 0;
    this.#taken = 0;
    this.#made = 0;
    this.#takenAt = -Infinity;
    this.#grownAt = -Infinity;
  }

  #late(now: number): boolean {
    return now - this.#takenAt >= this.#config.halfOpenMs;
  }
}
