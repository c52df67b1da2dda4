import { MAX_ID_BYTES } from '@verdikt/core/hash/digest.ts';
import { HeaderPlaces } from '@verdikt/core/record/header-list.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';
import { PLAIN, PLAIN_FRAME_BYTES, PLAIN_HEADERS, type PlainVerdicts } from '../policy/plain-verdicts.ts';
import type { PlainIdentity, TaskState } from '../state/state.ts';

/**
 * The short way of a record of `words` to its verdict: everything is read from its bytes and written to the plan as bytes, in its turn
 * among the others. It takes only what the general path would decide at once, with the same verdict and the same traces in the state; for
 * everything else it leaves the state as it is, and the general path begins with that record.
 */
export class PlainPath {
  readonly #state: TaskState;
  readonly #verdicts: PlainVerdicts;
  readonly #traced: boolean;
  readonly #places = new HeaderPlaces(PLAIN_HEADERS);
  /** Of the record at hand. */
  readonly #who: PlainIdentity = {
    attempt: 1,
    key: 0,
    remembered: false,
    keyHash: new Uint32Array(4),
    hash: new Uint32Array(4),
  };

  /** `traced`: an attempt may have to be traced if its record has a trace context. */
  constructor(state: TaskState, verdicts: PlainVerdicts, traced: boolean) {
    this.#state = state;
    this.#verdicts = verdicts;
    this.#traced = traced;
  }

  /** May records take it now? While a circuit is not closed, it deals its places to attempts of the general path. */
  ready(now: number): boolean {
    return this.#state.gates.circuits.every(({ circuit }) => circuit.look(now).state === 'closed');
  }

  /** True when the record is decided; else the general path must take it up at once. */
  take(record: InRecord, now: number): boolean {
    // What is too large is not looked at, and what may lead to too much is looked at by the general path alone.
    if (!this.#state.context.fitsPlainly(record, 2 * record.size + PLAIN_FRAME_BYTES)) return false;
    const places = this.#places;
    if (!this.#isKnown(record)) return false;
    if (!this.#state.comesFirst(record, places, this.#who)) return false;
    if (!this.#verdicts.judge(record, places, now, this.#who.key)) return false;
    this.#state.judged(record, this.#who, this.#verdicts, now);
    return true;
  }

  /** The record that it did not take lies there from now on. */
  moved(from: InRecord, to: InRecord): void {
    this.#verdicts.moved(from, to);
  }

  /** Does it say who it is, and is it not traced? */
  #isKnown(record: InRecord): boolean {
    const places = this.#places;
    places.locate(record);
    const idBytes = places.end(PLAIN.id) - places.start(PLAIN.id);
    if (places.start(PLAIN.id) < 0 || idBytes === 0 || idBytes > MAX_ID_BYTES) return false;
    return !this.#traced || !places.has(PLAIN.traceparent);
  }
}
