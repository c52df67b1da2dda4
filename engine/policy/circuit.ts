import type { Circuit, CircuitLook, CircuitName, CircuitSeat } from '@verdikt/core/ports/circuit.ts';
import type { CircuitCall, CircuitConfig } from './circuit-call.ts';
import { KeyMemory } from './key-memory.ts';

/** Keys known as failing, or as having failed since the circuit opened. */
const MOST_KEYS = 4_096;
/** How long the task whose turn it is may leave a place unused before others may take it. */
const TURN_MS = 250;

/**
 * The circuit breaker of one check. Deterministic; time is an argument.
 *
 * - Closed: the first failure of a key since its last success counts; `failures` of them without a success between open it. So
 *   keys that fail by themselves open it for nobody.
 * - Open: for `halfOpenMs`, then half-open.
 * - Half-open: one place, dealt over the tasks in turn; after as many successes as there are places, twice as many, until they
 *   reach `concurrency` or nobody waits: then closed. The failure of the first try opens it again; later ones count as in the closed state,
 *   in a row of at most `failures` or as many as there are places, whichever is less: among many words there are always some
 *   that fail by themselves. A call that has not answered for `halfOpenMs` keeps no other from being tried.
 */
export class CheckCircuit implements Circuit {
  readonly check: string;
  readonly #config: CircuitConfig;
  #state: CircuitName = 'closed';
  /** While open: when it becomes half-open. */
  #until = 0;
  /** Counts up; calls begun before the last opening tell nothing new. */
  #opening = 0;
  #places = 1;
  /** First failures in a row. */
  #row = 0;
  /** Successes with this many places. */
  #good = 0;
  /** Places in use or reserved, since it became half-open. */
  #taken = 0;
  #takenAt = -Infinity;
  #freeSince = 0;
  readonly #reserved = new Map<number, number>();
  readonly #failing = new KeyMemory(MOST_KEYS);
  readonly #tried = new KeyMemory(MOST_KEYS);
  readonly #well = new KeyMemory(MOST_KEYS);
  /** Keys that fail and have a place now. */
  readonly #failingTries = new Set<number>();
  /** The one that was served longest ago comes first. */
  #seats: Seat[] = [];

  constructor(config: CircuitConfig) {
    this.#config = config;
    this.check = config.check;
  }

  look(now: number): CircuitLook {
    this.#pass(now);
    const { concurrency } = this.#config;
    const places = { closed: concurrency, open: 0, 'half-open': this.#places };
    return { state: this.#state, places: places[this.#state] };
  }

  /** Asked before a call; undefined: it must not be made. `key` undefined: of no key. */
  begin(key: number | undefined, now: number): CircuitCall | undefined {
    this.#pass(now);
    if (this.#state === 'open') return undefined;
    if (this.#state === 'half-open' && (key === undefined || !this.#reserved.has(key))) {
      // Where no task deals, the first call to come is let through.
      if (this.#seats.length > 0 || !this.hasPlace(now)) return undefined;
      this.#take(now);
    }
    if (key !== undefined) this.#reserved.delete(key);
    return { key, opening: this.#opening, tries: this.#state === 'half-open' };
  }

  /** False: the circuit has opened since the call was let through. */
  still({ opening }: CircuitCall): boolean {
    return opening === this.#opening;
  }

  /** `well`: the service has answered. */
  ended({ key, opening, tries }: CircuitCall, well: boolean, now: number): void {
    let first = !well;
    if (key !== undefined) {
      this.#failingTries.delete(key);
      if (well) {
        this.#failing.delete(key);
        this.#well.add(key);
      } else first = this.#failing.add(key);
      if (!well && tries && this.#state !== 'closed') this.#tried.add(key);
    }
    if (opening !== this.#opening) return;
    if (this.#state === 'half-open') return this.#endedTry(well, first, now);
    if (well) this.#row = 0;
    else if (first && ++this.#row >= this.#config.failures) this.#open(now);
  }

  join(wake: () => void): CircuitSeat {
    const seat = new Seat(this, wake);
    this.#seats.push(seat);
    return seat;
  }

  // What follows is for its seats.

  leave(seat: Seat): void {
    this.#seats = this.#seats.filter((s) => s !== seat);
    this.wake();
  }

  wake(): void {
    for (const seat of this.#seats) seat.wake();
  }

  hasPlace(now: number): boolean {
    this.#pass(now);
    if (this.#state !== 'half-open') return false;
    const { halfOpenMs } = this.#config;
    for (const [key, at] of this.#reserved) if (now - at >= halfOpenMs) this.release(key, now);
    return this.#taken < this.#places || now - this.#takenAt >= halfOpenMs;
  }

  /** Is it the turn of this seat? */
  serves(seat: Seat, now: number): boolean {
    return now - this.#freeSince >= TURN_MS || this.#seats.find((s) => s.candidates > 0) === seat;
  }

  nextAt(now: number): number {
    if (this.#state === 'open') return this.#until;
    if (this.#state === 'closed') return Infinity;
    return this.hasPlace(now) ? this.#freeSince + TURN_MS : this.#takenAt + this.#config.halfOpenMs;
  }

  tried(key: number): boolean {
    return this.#tried.has(key);
  }

  /** No task has somebody who waits and could try. */
  alone(): boolean {
    return this.#seats.every((s) => s.candidates === 0);
  }

  /** True for a key that has not succeeded since it failed last. */
  failing(key: number): boolean {
    return this.#failing.has(key);
  }

  hope(key: number): 0 | 1 | 2 {
    if (!this.#failing.has(key)) return 2;
    return this.#well.has(key) ? 1 : 0;
  }

  /** After the first try keys that fail get a quarter of the places: they may take their time to fail. */
  takesFailing(): boolean {
    return this.#failingTries.size < Math.max(1, Math.floor(this.#places / 4));
  }

  reserve(seat: Seat, key: number, now: number): void {
    if (this.#failing.has(key)) this.#failingTries.add(key);
    this.#reserved.set(key, now);
    this.#take(now);
    this.#seats = [...this.#seats.filter((s) => s !== seat), seat];
  }

  release(key: number, now: number): boolean {
    if (!this.#reserved.delete(key)) return false;
    this.#failingTries.delete(key);
    if (this.#state === 'half-open') this.#give(now);
    return true;
  }

  #endedTry(well: boolean, first: boolean, now: number): void {
    const { failures, concurrency } = this.#config;
    if (well) {
      this.#row = 0;
      this.#good++;
    } else {
      if (first || this.#places === 1) this.#row++;
      if (this.#row >= Math.min(failures, this.#places)) return this.#open(now);
    }
    this.#give(now);
    if (!well) return;
    if (this.#good >= this.#places) {
      this.#good = 0;
      this.#places *= 2;
    }
    if (this.#places >= concurrency || this.alone()) this.#close();
  }

  #take(now: number): void {
    this.#taken++;
    this.#takenAt = now;
  }

  #give(now: number): void {
    this.#taken = Math.max(0, this.#taken - 1);
    this.#freeSince = now;
    this.wake();
  }

  #open(now: number): void {
    // It is counted from when the try began: one that takes its time to fail does not make the next one late.
    const from = this.#state === 'half-open' ? this.#takenAt : now;
    this.#opening++;
    this.#until = Math.max(now, from + this.#config.halfOpenMs);
    this.#restart();
    this.#set('open');
  }

  #close(): void {
    this.#restart();
    this.#tried.clear();
    this.#set('closed');
  }

  #restart(): void {
    this.#row = 0;
    this.#good = 0;
    this.#places = 1;
    this.#taken = 0;
    this.#takenAt = -Infinity;
    this.#reserved.clear();
    this.#failingTries.clear();
  }

  /** Time passes. */
  #pass(now: number): void {
    if (this.#state !== 'open' || now < this.#until) return;
    this.#freeSince = this.#until;
    this.#set('half-open');
  }

  #set(state: CircuitName): void {
    this.#state = state;
    this.#config.changed?.(state);
    this.wake();
  }
}

class Seat implements CircuitSeat {
  readonly wake: () => void;
  readonly #circuit: CheckCircuit;
  readonly #keys = new Set<number>();
  #candidates = 0;

  constructor(circuit: CheckCircuit, wake: () => void) {
    this.#circuit = circuit;
    this.wake = wake;
  }

  get candidates(): number {
    return this.#candidates;
  }

  set candidates(n: number) {
    const none = n === 0 && this.#candidates > 0;
    this.#candidates = n;
    // Others may be the only ones that are left.
    if (none) this.#circuit.wake();
  }

  free(now: number): boolean {
    return this.#circuit.hasPlace(now) && this.#circuit.serves(this, now);
  }

  nextAt(now: number): number {
    return this.free(now) ? Infinity : this.#circuit.nextAt(now);
  }

  tried(key: number): boolean {
    return this.#circuit.tried(key);
  }

  alone(): boolean {
    return this.#circuit.alone();
  }

  hope(key: number): 0 | 1 | 2 {
    return this.#circuit.hope(key);
  }

  takesFailing(): boolean {
    return this.#circuit.takesFailing();
  }

  reserve(key: number, now: number): void {
    this.#keys.add(key);
    this.#circuit.reserve(this, key, now);
  }

  release(key: number, now: number): boolean {
    return this.#keys.delete(key) && this.#circuit.release(key, now);
  }

  leave(now: number): void {
    for (const key of this.#keys) this.#circuit.release(key, now);
    this.#keys.clear();
    this.#circuit.leave(this);
  }
}
