import type { BytePool } from './byte-pool.ts';

const LEAST_PAGE = 1024;

/** Room for bytes that are kept for about as long as each other, side by side in a few large buffers. */
export class BytePages {
  readonly #largest: number;
  readonly #pool: BytePool | undefined;
  /** Those that the pool has lent. */
  readonly #lent: Buffer[] = [];
  #page: Buffer | undefined;
  /** Of the present page, which `room` has returned. */
  used = 0;

  /** `largest`: bytes of a page, unless something larger must fit. `pool`: whom `release` gives the pages back to. */
  constructor(largest: number, pool?: BytePool) {
    this.#largest = largest;
    this.#pool = pool;
  }

  /** A page with room for so many bytes from `used` on. The caller moves `used` past what it has written. */
  room(most: number): Buffer {
    const page = this.#page;
    if (page !== undefined && this.used + most <= page.length) return page;
    // Twice the one before, so that few bytes take little.
    const usual = page === undefined ? LEAST_PAGE : Math.min(this.#largest, 2 * page.length);
    this.used = 0;
    return (this.#page = this.#take(Math.max(usual, most)));
  }

  /** Nobody reads any of it any more. */
  release(): void {
    for (const page of this.#lent.splice(0)) this.#pool?.give(page);
    this.#page = undefined;
    this.used = 0;
  }

  #take(bytes: number): Buffer {
    if (this.#pool === undefined) return Buffer.allocUnsafeSlow(bytes);
    const page = this.#pool.take(bytes);
    this.#lent.push(page);
    return page;
  }
}
