/** The shortest that is lent. */
const LEAST_BYTES = 1024;
/** The longest that is kept: 2^26 bytes. */
const CLASSES = 27;

/** The least power of two that holds so many bytes, as its exponent. */
const classOf = (bytes: number): number => 32 - Math.clz32(Math.max(LEAST_BYTES, bytes) - 1);

/**
 * Lends buffers and takes back those that nobody reads any more. Buffers lie outside of the heap: made and dropped at the rate of the
 * records, they make the collector look through all of the heap again and again. A buffer that is not given back is left to it.
 *
 * The one that gives a buffer back must be the last to read it: it is written over as soon as it is lent again.
 */
export class BytePool {
  readonly #mostIdle: number;
  /** By class. What came back last is lent first: it is still in the cache. */
  readonly #idle: Buffer[][] = Array.from({ length: CLASSES }, () => []);
  #idleBytes = 0;
  /** By class: how many were lent before one of it was. */
  readonly #askedAt = new Float64Array(CLASSES);
  #asked = 0;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** `mostIdle`: bytes that it keeps while nobody uses them. */
  constructor(mostIdle: number) {
    this.#mostIdle = mostIdle;
  }

  /** Bytes that wait to be lent. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer of at least so many bytes, with anything in it; the pages that are not touched take no memory. */
  take(bytes: number): Buffer {
    const size = classOf(bytes);
    const idle = size < CLASSES ? this.#idle[size].pop() : undefined;
    if (size < CLASSES) this.#askedAt[size] = this.#asked++;
    if (idle !== undefined) this.#idleBytes -= idle.length;
    const lent = idle ?? Buffer.allocUnsafeSlow(size < CLASSES ? 2 ** size : bytes);
    this.#lent.add(lent.buffer);
    return lent;
  }

  /** Takes back what `take` has lent, by any view of it. Throws RangeError for what is not lent, or not any more. */
  give(view: Buffer): void {
    const { buffer } = view;
    if (!this.#lent.delete(buffer)) throw new RangeError('the buffer is not lent by this pool');
    const size = classOf(buffer.byteLength);
    if (size >= CLASSES || !this.#hasRoom(size)) return;
    this.#idleBytes += buffer.byteLength;
    this.#idle[size].push(Buffer.from(buffer));
  }

  /** Lets go of what was asked for longest ago: else it would stay full of sizes that nobody asks for any more. */
  #hasRoom(size: number): boolean {
    if (2 ** size > this.#mostIdle) return false;
    while (this.#idleBytes + 2 ** size > this.#mostIdle) {
      let oldest = size;
      for (let i = 0; i < CLASSES; i++)
        if (this.#idle[i].length > 0 && this.#askedAt[i] < this.#askedAt[oldest]) oldest = i;
      if (oldest === size) return false;
      this.#idle[oldest].pop();
      this.#idleBytes -= 2 ** oldest;
    }
    return true;
  }
}
