const LEAST_PAGE = 1024;

/** Room for bytes that are kept for about as long as each other, side by side in a few large buffers. */
export class BytePages {
  readonly #largest: number;
  #page: Buffer | undefined;
  /** Of the present page, which `room` has returned. */
  used = 0;

  /** `largest`: bytes of a page, unless something larger must fit. */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** A page with room for so many bytes from `used` on. The caller moves `used` past what it has written. */
  room(most: number): Buffer {
    const page = this.#page;
    if (page !== undefined && this.used + most <= page.length) return page;
    // Twice the one before, so that few bytes take little.
    const usual = page === undefined ? LEAST_PAGE : Math.min(this.#largest, 2 * page.length);
    this.used = 0;
    return (this.#page = Buffer.allocUnsafeSlow(Math.max(usual, most)));
  }
}
