import type { Chain } from '@verdikt/core/ports/chain.ts';
import type { CircuitGate } from '../state/gates.ts';
import type { TaskState } from '../state/state.ts';
import type { AttemptRunner } from './attempts.ts';
import type { Intake } from './intake.ts';

interface DealerDeps {
  readonly state: TaskState;
  readonly runner: Pick<AttemptRunner, 'free'>;
  readonly intake: Pick<Intake, 'waiting' | 'one'>;
  readonly chain: Pick<Chain, 'next'>;
}

/** New words taken to find one that does not follow another. */
const MOST_TAKEN = 16;

/** Gives the places of circuits that are half-open to records of one task, and lets go what waits once they are closed. */
export class Dealer {
  readonly #d: DealerDeps;

  constructor(d: DealerDeps) {
    this.#d = d;
  }

  /** True when it came forward. */
  async deal(now: number): Promise<boolean> {
    let dealt = false;
    for (const gate of this.#d.state.gates.circuits) {
      const { state } = gate.circuit.look(now);
      if (state === 'closed') {
        if (gate.waiting > 0) this.#d.state.gates.release(gate, now);
        gate.seat.candidates = 0;
        continue;
      }
      this.#count(gate);
      while (state === 'half-open' && this.#d.runner.free && gate.seat.free(now)) {
        if (!(await this.#one(gate, now))) break;
        dealt = true;
        this.#count(gate);
      }
    }
    return dealt;
  }

  /** When it has something to do, if nothing happens before. */
  nextAt(now: number): number {
    let next = Infinity;
    for (const { circuit, seat } of this.#d.state.gates.circuits)
      if (circuit.look(now).state !== 'closed') next = Math.min(next, seat.nextAt(now));
    return next;
  }

  #count(gate: CircuitGate): void {
    gate.seat.candidates = gate.candidates() + (this.#d.intake.waiting ? 1 : 0);
  }

  /**
   * The first place goes to a new word, which leaves an older one its attempts, else to a head; later ones to heads that have not
   * failed, which have waited longest, then to new words. Only when no task has anybody else, to one that has tried before.
   */
  async #one(gate: CircuitGate, now: number): Promise<boolean> {
    const { seat, circuit } = gate;
    const fresh = this.#d.intake.waiting && !gate.unused;
    const first = circuit.look(now).places === 1;
    if (first && fresh && (await this.#fresh(gate, now))) return true;
    const untried = (key: number): boolean => !seat.tried(key);
    if (this.#head(gate, (key) => untried(key) && seat.hope(key) === 2, now)) return true;
    if (!first && fresh && (await this.#fresh(gate, now))) return true;
    if (!first && !seat.takesFailing()) return false;
    if (this.#head(gate, untried, now)) return true;
    if (this.#early(gate, now)) return true;
    if (gate.unused && (await this.#fresh(gate, now))) return true;
    return seat.alone() && this.#head(gate, () => true, now);
  }

  async #fresh(gate: CircuitGate, now: number): Promise<boolean> {
    const { seat } = gate;
    let dealt = false;
    gate.unused = false;
    for (let n = 0; n < MOST_TAKEN && !dealt && this.#d.intake.waiting; n++)
      await this.#d.intake.one(now, ({ key }) => {
        // One whose key has tried already, or has only ever failed, tells little: it waits with the others.
        if (seat.tried(key) || seat.hope(key) === 0) return;
        dealt = true;
        seat.reserve(key, now);
      });
    // New words that only follow others must not keep those from trying.
    if (!dealt) seat.candidates = gate.candidates();
    return dealt;
  }

  #head(gate: CircuitGate, may: (key: number) => boolean, now: number): boolean {
    const found = this.#d.state.gates.next(gate, may);
    if (found === undefined) return false;
    this.#reserve(gate, found.slot, found.key, now);
    return true;
  }

  /** One that failed before the circuit opened, and is not due yet. */
  #early(gate: CircuitGate, now: number): boolean {
    const { state, chain } = this.#d;
    const found = state.earliest(
      ({ key, passed }) => !gate.seat.tried(key) && chain.next?.(passed) === gate.check,
    );
    if (found === undefined) return false;
    this.#reserve(gate, found.slot, found.key, now);
    return true;
  }

  /** It runs with the next heads that are due. */
  #reserve(gate: CircuitGate, slot: number, key: number, now: number): void {
    gate.unused = false;
    gate.seat.reserve(key, now);
    this.#d.state.runNow(slot, now);
  }
}
