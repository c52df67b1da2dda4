import { MAX_ID_BYTES, MAX_KEY_BYTES, shortId, shortKey } from '@verdikt/core/hash/digest.ts';
import { murmur3x128 } from '@verdikt/core/hash/murmur3.ts';
import { H } from '@verdikt/core/record/headers.ts';
import type { InRecord } from '@verdikt/core/record/record.ts';

/** What tells a record apart, as 128-bit hashes. */
export interface Identity {
  /** As text. */
  readonly id: string;
  /** Of its key, which names its lane. */
  readonly key: Uint32Array;
  /** Of id, redrive count and key, by which duplicates are known. */
  readonly hash: Uint32Array;
  /** Of what it follows or is followed by: its key, or itself where it has none. 53 bits. */
  readonly lane: number;
}

const NO_KEY = 0x9e3779b9;

const mixKey = (hash: Uint32Array, key: Uint32Array): void => {
  hash[0] ^= key[1];
  hash[1] ^= key[2];
  hash[2] ^= key[3];
  hash[3] ^= key[0];
};

const laneOf = (hash: Uint32Array): number => hash[0] * 0x20_0000 + (hash[1] >>> 11);

/**
 * Tells records apart. A record without id is identified by where it was read. Long keys and ids count by their digest, so that a
 * stub belongs to the lane of its key.
 */
export class Identifier {
  readonly #seed: number;
  readonly #place: string;

  /** `place` names the partition of `words`; `seed` must be the same for all hashes that are compared. */
  constructor(seed: number, place: string) {
    this.#seed = seed;
    this.#place = place;
  }

  identify(record: InRecord, origin: number, redrive: number): Identity {
    const key = new Uint32Array(4);
    const { keyStart } = record;
    this.#hashKeyOf(record, key);
    const given = record.header(H.id);
    const own = given === undefined || given === null || given.length === 0;
    const id = own ? Buffer.from(this.ownId(origin)) : given;
    const hash = this.#hashOf(id, key, redrive);
    return { id: id.toString('utf8'), key, hash, lane: laneOf(keyStart < 0 ? hash : key) };
  }

  /** The id of a record that brings none. */
  ownId(origin: number): string {
    return `${this.#place}-${origin}`;
  }

  /**
   * The hashes of a record of `words` whose id lies in [idStart, idEnd), into those given; returns its lane. The id is not empty and not
   * longer than MAX_ID_BYTES.
   */
  hashInto(record: InRecord, idStart: number, idEnd: number, key: Uint32Array, hash: Uint32Array): number {
    this.#hashKeyOf(record, key);
    murmur3x128(record.buffer, idStart, idEnd, this.#seed, hash);
    mixKey(hash, key);
    return laneOf(record.keyStart < 0 ? hash : key);
  }

  /** The hash of the key of such a record, which has one, into that given; returns its lane. */
  keyInto(record: InRecord, key: Uint32Array): number {
    this.#hashKeyOf(record, key);
    return laneOf(key);
  }

  /** As `identify`, of an id and a key alone. */
  identifyText(id: string, givenKey: Buffer | null, redrive: number): Identity {
    const key = new Uint32Array(4);
    if (givenKey === null) key.fill(NO_KEY);
    else this.#hashKey(givenKey, key);
    const hash = this.#hashOf(Buffer.from(id), key, redrive);
    return { id, key, hash, lane: laneOf(givenKey === null ? hash : key) };
  }

  #hashKeyOf({ buffer, keyStart, keyEnd }: InRecord, into: Uint32Array): void {
    if (keyStart < 0) into.fill(NO_KEY);
    else if (keyEnd - keyStart > MAX_KEY_BYTES) this.#hashKey(buffer.subarray(keyStart, keyEnd), into);
    else murmur3x128(buffer, keyStart, keyEnd, this.#seed, into);
  }

  #hashKey(key: Buffer, into: Uint32Array): void {
    const short = shortKey(key);
    murmur3x128(short, 0, short.length, this.#seed, into);
  }

  #hashOf(given: Buffer, key: Uint32Array, redrive: number): Uint32Array {
    const hash = new Uint32Array(4);
    const id = given.length > MAX_ID_BYTES ? shortId(given) : given;
    murmur3x128(id, 0, id.length, this.#seed + redrive, hash);
    mixKey(hash, key);
    return hash;
  }
}
