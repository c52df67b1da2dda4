import type { Circuit, CircuitSeat } from '@verdikt/core/ports/circuit.ts';
import { PARKED, RUNNING } from './entries.ts';
import type { Lanes } from './lanes.ts';

/** Undecided records of a task that may wait for one circuit before the task takes no new ones. */
export const MOST_WAITING = 64;
/** The same for schemas that cannot be fetched. */
export const MOST_WITHOUT_SCHEMA = 1_000;
/** Heads that wait at one circuit without being tried again now and then. */
const MOST_QUEUED = 1_024;

/** Why a task takes no new words. */
interface IntakeStopped {
  /** Whose circuit is open; `decode`: schemas are missing. */
  readonly check: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Undecided records that wait for it. */
  readonly waiting: number;
}

interface Waiter {
  readonly incarnation: number;
  readonly key: number;
}

/** Heads that wait for one thing, and how many records were put behind them. */
class Gate {
  readonly check: string;
  /** In the order in which they came. */
  readonly heads = new Map<number, Waiter>();
  behind = 0;
  /** Since when the intake is stopped by it; -1: it is not. */
  since = -1;

  constructor(check: string) {
    this.check = check;
  }

  get waiting(): number {
    return this.heads.size + this.behind;
  }
}

/** What waits in one task for one circuit. */
export class CircuitGate extends Gate {
  readonly circuit: Circuit;
  readonly seat: CircuitSeat;
  /** The last place that a new word was given was not used: it is stopped before it gets here. */
  unused = false;

  constructor(circuit: Circuit, seat: CircuitSeat) {
    super(circuit.check);
    this.circuit = circuit;
    this.seat = seat;
  }

  /** Heads that may try the circuit: those that have not tried it since it opened. */
  candidates(): number {
    let n = 0;
    for (const { key } of this.heads.values()) if (!this.seat.tried(key)) n++;
    return n;
  }
}

/**
 * What the heads of a task wait for beside time: circuits, and schemas. Heads at a circuit are not scheduled; they run when the circuit lets
 * them. Deterministic.
 */
export class Gates {
  readonly #lanes: Lanes;
  readonly #schemas = new Gate('decode');
  #circuits: CircuitGate[] = [];
  /** Nothing waits enough to stop the intake, and nothing was added since that was seen; `stopped` is asked for each record. */
  #calm = false;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  get circuits(): readonly CircuitGate[] {
    return this.#circuits;
  }

  open(circuits: readonly Circuit[], wake: () => void): void {
    this.#calm = false;
    this.#circuits = circuits.map((circuit) => new CircuitGate(circuit, circuit.join(wake)));
  }

  close(now: number): void {
    for (const { seat } of this.#circuits) seat.leave(now);
    this.#circuits = [];
  }

  /** The head waits at the circuit of this check from now on; false: it cannot, schedule it. */
  waits(slot: number, check: string, key: number): boolean {
    const gate = this.#circuits.find((g) => g.check === check);
    if (gate === undefined || gate.heads.size >= MOST_QUEUED) return false;
    return this.#put(gate, slot, key);
  }

  /** The head is scheduled to look for its schema again. */
  missesSchema(slot: number): void {
    if (this.#schemas.heads.size < MOST_WITHOUT_SCHEMA) this.#put(this.#schemas, slot, 0);
  }

  /** It runs, or is not the head any more. */
  left(slot: number): void {
    this.#schemas.heads.delete(slot);
    if (this.#schemas.heads.size === 0) this.#schemas.behind = 0;
    for (const { heads } of this.#circuits) heads.delete(slot);
  }

  /** A record was put into the lane of this head. */
  follows(head: number): void {
    this.#follows(this.#schemas, head);
    for (const gate of this.#circuits) this.#follows(gate, head);
  }

  #follows(gate: Gate, head: number): void {
    if (!gate.heads.has(head)) return;
    gate.behind++;
    this.#calm = false;
  }

  /** Its attempt is over: gives back places that it did not use. */
  resolved(key: number, now: number): void {
    for (const gate of this.#circuits) if (gate.seat.release(key, now)) gate.unused = true;
  }

  /** The circuit is closed: all that waited is scheduled. */
  release(gate: CircuitGate, now: number): void {
    for (const slot of [...gate.heads.keys()]) if (this.#waiting(gate, slot)) this.#lanes.schedule(slot, now);
    gate.heads.clear();
    gate.behind = 0;
    gate.since = -1;
    gate.unused = false;
  }

  /** The next head that `may` try the circuit, those first that tell most; undefined: none. It waits on. */
  next(
    gate: CircuitGate,
    may: (key: number) => boolean,
  ): { readonly slot: number; readonly key: number } | undefined {
    let best: { readonly slot: number; readonly key: number } | undefined;
    let most = -1;
    for (const [slot, { key }] of gate.heads) {
      if (!this.#waiting(gate, slot)) gate.heads.delete(slot);
      else if (may(key) && gate.seat.hope(key) > most) {
        most = gate.seat.hope(key);
        best = { slot, key };
        if (most === 2) break;
      }
    }
    return best;
  }

  /** Why no new words are taken; undefined: they are. */
  stopped(now: number): IntakeStopped | undefined {
    if (this.#calm) return undefined;
    if (this.#stops(this.#schemas, MOST_WITHOUT_SCHEMA, now)) return told(this.#schemas);
    for (const gate of this.#circuits) {
      // What waits at a closed circuit is about to run.
      const away = gate.waiting >= MOST_WAITING && gate.circuit.look(now).state !== 'closed';
      if (this.#stops(gate, away ? MOST_WAITING : Infinity, now)) return told(gate);
    }
    // A circuit at which many wait may open without anybody being added.
    this.#calm = this.#circuits.every((gate) => gate.waiting < MOST_WAITING);
    return undefined;
  }

  #stops(gate: Gate, most: number, now: number): boolean {
    if (gate.waiting < most) {
      gate.since = -1;
      return false;
    }
    if (gate.since < 0) gate.since = now;
    return true;
  }

  #put(gate: Gate, slot: number, key: number): boolean {
    this.#calm = false;
    gate.heads.set(slot, { incarnation: this.#lanes.entries.incarnation[slot], key });
    return true;
  }

  /** It is still there, idle, and no other way to run. */
  #waiting(gate: Gate, slot: number): boolean {
    const e = this.#lanes.entries;
    return (
      e.incarnation[slot] === gate.heads.get(slot)?.incarnation &&
      e.due[slot] < 0 &&
      !e.has(slot, RUNNING | PARKED) &&
      this.#lanes.isHead(slot)
    );
  }
}

const told = ({ check, since, waiting }: Gate): IntakeStopped => ({ check, since, waiting });
