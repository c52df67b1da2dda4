import type { Circuit, CircuitLook, CircuitName, CircuitSeat } from '@verdikt/core/ports/circuit.ts';
import type { CircuitCall, CircuitConfig } from './circuit-call.ts';
import { HalfOpen } from './half-open.ts';
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
 * - Half-open: a few places, dealt over the tasks in turn, see HalfOpen. When all that try fail, or all that could, it opens again. After
 *   as many successes as there are places there are twice as many, until they reach `concurrency` or nobody waits: then closed. From the
 *   first success on failures count as in the closed state: among many words there are always some that fail by themselves.
 */
export class CheckCircuit implements Circuit {
  readonly check: string;
  readonly #config: CircuitConfig;
  #state: CircuitName = 'closed';
  /** While open: when it becomes half-open. */
  #until = 0;
  /** Counts up; calls begun before the last opening tell nothing new. */
  #opening = 0;
  /** First failures in a row while closed. */
  #row = 0;
  readonly #tries: HalfOpen;
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
    this.#tries = new HalfOpen(config);
  }

  look(now: number): CircuitLook {
    this.#pass(now);
    const { concurrency } = this.#config;
    const places = { closed: concurrency, open: 0, 'half-open': this.#tries.places };
    return { state: this.#state, places: places[this.#state] };
  }

  /** Asked before a call; undefined: it must not be made. `key` undefined: of no key. */
  begin(key: number | undefined, now: number): CircuitCall | undefined {
    this.#pass(now);
    if (this.#state === 'open') return undefined;
    if (this.#state === 'half-open' && (key === undefined || !this.#reserved.has(key))) {
      // Where no task deals, the first call to come is let through.
      if (this.#seats.length > 0 || !this.hasPlace(now)) return undefined;
      this.#tries.take(now);
    }
    if (key !== undefined && this.#reserved.delete(key)) this.#tries.begin(now);
    return { key, opening: this.#opening, tries: this.#state === 'half-open' };
  }

  /** False: the circuit has opened since the call was let through. */
  still({ opening }: CircuitCall): boolean {
    return opening === this.#opening;
  }

  /** `well`: the service has answered. `counts` false: the failure does not open it; of calls that fail as one, one counts. */
  ended({ key, opening, tries }: CircuitCall, well: boolean, now: number, counts = true): void {
    let first = !well && counts;
    if (key !== undefined) {
      this.#failingTries.delete(key);
      if (well) {
        this.#failing.delete(key);
        this.#well.add(key);
      } else first = this.#failing.add(key) && counts;
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
    return this.#tries.hasPlace(now);
  }

  /** Is it the turn of this seat? */
  serves(seat: Seat, now: number): boolean {
    return now - this.#freeSince >= TURN_MS || this.#seats.find((s) => s.candidates > 0) === seat;
  }

  nextAt(now: number): number {
    if (this.#state === 'open') return this.#until;
    if (this.#state === 'closed') return Infinity;
    return this.hasPlace(now) ? this.#freeSince + TURN_MS : this.#tries.takenAt + this.#config.halfOpenMs;
  }

  tried(key: number): boolean {
    return this.#tried.has(key) || this.#reserved.has(key);
  }

  /** No task has somebody who waits and could try. */
  alone(): boolean {
    return this.#seats.every((s) => s.candidates === 0);
  }

  /** When there is another place though no call ends; Infinity: never. */
  stuckAt(): number {
    return this.#state === 'half-open' ? this.#tries.stuckAt(this.#failingTries.size) : Infinity;
  }

  /** When the last call that tries is no longer waited for; Infinity: none is. */
  idleAt(now: number): number {
    return this.#tries.idle(now) ? Infinity : this.#tries.takenAt + this.#config.halfOpenMs;
  }

  /** True for a key that has not succeeded since it failed last. */
  failing(key: number): boolean {
    return this.#failing.has(key);
  }

  hope(key: number): 0 | 1 | 2 {
    if (!this.#failing.has(key)) return 2;
    return this.#well.has(key) ? 1 : 0;
  }

  takesFailing(): boolean {
    return this.#tries.takesFailing(this.#failingTries.size);
  }

  reserve(seat: Seat, key: number, now: number): void {
    if (this.#failing.has(key)) this.#failingTries.add(key);
    this.#reserved.set(key, now);
    this.#tries.take(now);
    this.#seats = [...this.#seats.filter((s) => s !== seat), seat];
  }

  release(key: number, now: number): boolean {
    if (!this.#reserved.delete(key)) return false;
    this.#failingTries.delete(key);
    if (this.#state === 'half-open') {
      this.#tries.giveBack();
      this.#freed(now);
    }
    return true;
  }

  #endedTry(well: boolean, first: boolean, now: number): void {
    const tries = this.#tries;
    if (!well && tries.failedOne(first)) return this.#open(now);
    const enough = well && tries.succeeded();
    tries.give();
    // All that could try have failed.
    if (!tries.proven && tries.idle(now) && this.alone()) return this.#open(now);
    this.#freed(now);
    if (well && (enough || this.alone())) this.#close();
  }

  #freed(now: number): void {
    this.#freeSince = now;
    this.wake();
  }

  #open(now: number): void {
    // It is counted from when the try began: one that takes its time to fail does not make the next one late.
    const from = this.#state === 'half-open' ? this.#tries.takenAt : now;
    this.#opening++;
    this.#until = Math.max(now, from + this.#config.halfOpenMs);
    this.#restart(this.#state === 'half-open');
    this.#set('open');
  }

  #close(): void {
    this.#restart(false);
    this.#tried.clear();
    this.#set('closed');
  }

  #restart(failed: boolean): void {
    this.#row = 0;
    this.#tries.restart(failed);
    this.#reserved.clear();
    this.#failingTries.clear();
  }

  /** Time passes. */
  #pass(now: number): void {
    if (this.#state === 'half-open') this.#tries.pass(this.#failingTries.size, now);
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
    const next = this.free(now) ? this.#circuit.idleAt(now) : this.#circuit.nextAt(now);
    return Math.min(next, this.#circuit.stuckAt());
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
