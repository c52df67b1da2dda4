import { H } from '@verdikt/core/headers.ts';
import { murmur3x128 } from '@verdikt/core/murmur3.ts';
import type { InRecord } from '@verdikt/core/record.ts';

/**
 * Hashes the key and the dedup identity (id, redrive count, key) of a record into two buffers that every call writes again.
 * A record without id is identified by where it was read.
 */
export class Identifier {
  readonly keyHash = new Uint32Array(4);
  readonly identity = new Uint32Array(4);
  readonly #seed: number;
  readonly #place: string;

  /** `place` names the partition of `words`; `seed` must be the same for all hashes that are compared. */
  constructor(seed: number, place: string) {
    this.#seed = seed;
    this.#place = place;
  }

  /** Fills both; returns the id as text. */
  identify(record: InRecord, origin: number, redrive: number): string {
    const key = this.keyHash;
    if (record.keyStart < 0) key.fill(0x9e3779b9);
    else murmur3x128(record.buffer, record.keyStart, record.keyEnd, this.#seed, key);
    const given = record.header(H.id);
    const own = given === undefined || given === null || given.length === 0;
    const id = own ? Buffer.from(`${this.#place}-${origin}`) : given;
    const out = this.identity;
    murmur3x128(id, 0, id.length, this.#seed + redrive, out);
    out[0] ^= key[1];
    out[1] ^= key[2];
    out[2] ^= key[3];
    out[3] ^= key[0];
    return id.toString('utf8');
  }
}
