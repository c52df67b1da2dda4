import type { BytePool } from '@verdikt/core/record/byte-pool.ts';

/** What the answers of one source take that are still read. */
export interface Held {
  bytes: number;
}

/**
 * The bytes of one answer, which all parts of it are views of. Each reader of a part holds them; when the last one lets go, they go back to
 * the pool and are written over.
 */
export class AnswerBytes {
  readonly #bytes: Buffer;
  readonly #pool: BytePool;
  readonly #held: Held;
  #holders = 1;
  /** Whether somebody may read on who does not tell. */
  #abandoned = false;

  /** `bytes`: any view of them, lent by the pool. Held once from the start. */
  constructor(bytes: Buffer, pool: BytePool, held: Held) {
    this.#bytes = bytes;
    this.#pool = pool;
    this.#held = held;
    held.bytes += this.size;
  }

  /** What is kept in memory for each part of them. */
  get size(): number {
    return this.#bytes.buffer.byteLength;
  }

  hold(): void {
    if (this.#holders === 0) throw new RangeError('the answer has gone back to its pool');
    this.#holders++;
  }

  /** This holder reads none of it any more. */
  release(): void {
    if (this.#holders === 0) throw new RangeError('the answer has gone back to its pool');
    if (--this.#holders > 0) return;
    this.#held.bytes -= this.size;
    if (!this.#abandoned) this.#pool.give(this.#bytes);
  }

  /** The same of one who cannot tell whether all is read, such as a decoder at work: the bytes are left to the collector. */
  abandon(): void {
    this.#abandoned = true;
    this.release();
  }
}

/** A buffer of the pool may be twice as large as its answer, and more where that is tiny. */
const MOST_SLACK = 4;

/**
 * Where the records of a part are read, and what is held for it. A small part keeps the whole answer in memory for as long as one of its
 * records waits: unless that may be held, it gets a copy.
 */
export const placeOf = (
  records: Buffer,
  recordBytes: number,
  bytes: AnswerBytes | undefined,
  mayHold: boolean,
): { readonly records: Buffer; readonly bytes: AnswerBytes | undefined } => {
  const small = records.length * 2 < recordBytes || records.length * MOST_SLACK < (bytes?.size ?? 0);
  if (!small || (bytes !== undefined && mayHold)) return { records, bytes };
  // Not from the pool of small buffers, which would be held in memory in its turn.
  const copy = Buffer.allocUnsafeSlow(records.length);
  copy.set(records);
  return { records: copy, bytes: undefined };
};
