import { MAX_ID_BYTES, MAX_KEY_BYTES, shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { H } from '@verdikt/core/record/headers.ts';
import { murmur3x128 } from '@verdikt/core/hash/murmur3.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';

const NO_KEY = 0x9e3779b9;

/**
 * Hashes the key and the dedup identity (id, redrive count, key) of a record into two buffers that every call writes again.
 * A record without id is identified by where it was read. Long keys and ids count by their digest, so that a stub belongs to the
 * lane of its key.
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
    const { keyStart, keyEnd } = record;
    if (keyStart < 0) key.fill(NO_KEY);
    else if (keyEnd - keyStart > MAX_KEY_BYTES) this.#hashKey(record.buffer.subarray(keyStart, keyEnd));
    else murmur3x128(record.buffer, keyStart, keyEnd, this.#seed, key);
    const given = record.header(H.id);
    const own = given === undefined || given === null || given.length === 0;
    const id = own ? Buffer.from(`${this.#place}-${origin}`) : given;
    this.#mix(id, redrive);
    return id.toString('utf8');
  }

  /** The same of an id and a key alone. */
  identifyText(id: string, key: Buffer | null, redrive: number): void {
    if (key === null) this.keyHash.fill(NO_KEY);
    else this.#hashKey(key);
    this.#mix(Buffer.from(id), redrive);
  }

  #hashKey(key: Buffer): void {
    const short = shortKey(key);
    murmur3x128(short, 0, short.length, this.#seed, this.keyHash);
  }

  #mix(given: Buffer, redrive: number): void {
    const key = this.keyHash;
    const out = this.identity;
    const id = given.length > MAX_ID_BYTES ? shortId(given) : given;
    murmur3x128(id, 0, id.length, this.#seed + redrive, out);
    out[0] ^= key[1];
    out[1] ^= key[2];
    out[2] ^= key[3];
    out[3] ^= key[0];
  }
}
