import { HashIndex } from '@verdikt/core/hash-index.ts';

const LIVE = 0x7fffffff;

/**
 * Identities (group, id, redrive count, key) that this task has decided within its window, and those that are outstanding.
 * Outstanding ones never leave by age. About 60 bytes an identity.
 *
 * Decided identities are kept in a ring, oldest first; the index points into the ring.
 */
export class Seen {
  readonly #index = new HashIndex();
  readonly #windowMs: number;
  readonly #most: number;
  #hashes = new Uint32Array(256);
  #times = new Float64Array(64);
  #first = 0;
  #count = 0;

  /** `windowMs` and `most` bound the decided identities: whichever is reached first. */
  constructor(windowMs: number, most: number) {
    this.#windowMs = windowMs;
    this.#most = most;
  }

  /** Decided identities that are remembered. */
  get size(): number {
    return this.#count;
  }

  known(identity: Uint32Array): 'no' | 'outstanding' | 'decided' {
    const at = this.#index.get(identity);
    return at < 0 ? 'no' : at === LIVE ? 'outstanding' : 'decided';
  }

  /** The record is outstanding now. A decided identity stays decided. */
  outstanding(identity: Uint32Array): void {
    if (this.#index.get(identity) < 0) this.#index.set(identity, LIVE);
  }

  /** The record was decided at `time`; drops what is too old. */
  decided(identity: Uint32Array, time: number): void {
    const at = this.#index.get(identity);
    if (at >= 0 && at !== LIVE) return;
    this.expire(time);
    if (this.#most === 0) {
      if (at === LIVE) this.#index.delete(identity);
      return;
    }
    if (this.#count === this.#most) this.#dropOldest();
    if (this.#count === this.#times.length) this.#grow();
    const row = (this.#first + this.#count) & (this.#times.length - 1);
    this.#hashes.set(identity, row * 4);
    this.#times[row] = time;
    this.#count++;
    this.#index.set(identity, row);
  }

  expire(now: number): void {
    while (this.#count > 0 && this.#times[this.#first] < now - this.#windowMs) this.#dropOldest();
  }

  #dropOldest(): void {
    this.#index.delete(this.#hashes, this.#first * 4);
    this.#first = (this.#first + 1) & (this.#times.length - 1);
    this.#count--;
  }

  #grow(): void {
    const old = this.#times.length;
    const times = new Float64Array(old * 2);
    const hashes = new Uint32Array(old * 8);
    for (let i = 0; i < this.#count; i++) {
      const row = (this.#first + i) & (old - 1);
      times[i] = this.#times[row];
      for (let k = 0; k < 4; k++) hashes[i * 4 + k] = this.#hashes[row * 4 + k];
      this.#index.set(hashes, i, i * 4);
    }
    this.#first = 0;
    this.#times = times;
    this.#hashes = hashes;
  }
}
