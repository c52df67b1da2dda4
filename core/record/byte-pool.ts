/** The shortest that is lent. */
const LEAST_BYTES = 1024;
/** The longest that is kept: 2^26 bytes. */
const CLASSES = 27;
/** What nobody has asked for in such a time is let go. */
const TRIM_MS = 1_000;

/** The least power of two that holds so many bytes, as its exponent. */
const classOf = (bytes: number): number => 32 - Math.clz32(Math.max(LEAST_BYTES, bytes) - 1);

/** Runs `f` once after so many milliseconds. */
type After = (ms: number, f: () => void) => unknown;

/** At once, not when the collector comes by: it does not while a process has little to do. */
const free = (buffer: Buffer): void => void (buffer.buffer as ArrayBuffer).transfer(0);

/**
 * Lends buffers and takes back those that nobody reads any more. Buffers lie outside of the heap: made and dropped at the rate of the
 * records, they make the collector look through all of the heap again and again. A buffer that is not given back is left to it.
 *
 * The one that gives a buffer back must be the last to read it: it is written over as soon as it is lent again, and is empty once it is let
 * go: with a timer the pool keeps only as many as were in use within the last second or two.
 */
export class BytePool {
  readonly #mostIdle: number;
  /** By class. What came back last is lent first: it is still in the cache. */
  readonly #idle: Buffer[][] = Array.from({ length: CLASSES }, () => []);
  #idleBytes = 0;
  /** By class: how many were lent before one of it was. */
  readonly #askedAt = new Float64Array(CLASSES);
  #asked = 0;
  /** By class: the fewest that were idle since the last trim. */
  readonly #least = new Int32Array(CLASSES);
  readonly #after: After | undefined;
  #trims = false;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** `mostIdle`: bytes that it keeps while nobody uses them. `after`: without it nothing is let go before that. */
  constructor(mostIdle: number, after?: After) {
    this.#mostIdle = mostIdle;
    this.#after = after;
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
    if (idle !== undefined) {
      this.#idleBytes -= idle.length;
      this.#least[size] = Math.min(this.#least[size], this.#idle[size].length);
    }
    const lent = idle ?? Buffer.allocUnsafeSlow(size < CLASSES ? 2 ** size : bytes);
    this.#lent.add(lent.buffer);
    return lent;
  }

  /** Takes back what `take` has lent, by any view of it. Throws RangeError for what is not lent, or not any more. */
  give(view: Buffer): void {
    const { buffer } = view;
    if (!this.#lent.delete(buffer)) throw new RangeError('the buffer is not lent by this pool');
    const size = classOf(buffer.byteLength);
    if (size >= CLASSES || !this.#hasRoom(size)) return free(view);
    this.#idleBytes += buffer.byteLength;
    this.#idle[size].push(Buffer.from(buffer));
    if (!this.#trims) this.#trimLater();
  }

  #trimLater(): void {
    this.#trims = this.#after !== undefined;
    this.#after?.(TRIM_MS, () => {
      this.#trims = false;
      this.#trim();
      if (this.#idleBytes > 0) this.#trimLater();
    });
  }

  #trim(): void {
    for (const [size, idle] of this.#idle.entries()) {
      // The longest unused lie at the bottom.
      for (const buffer of idle.splice(0, this.#least[size])) {
        this.#idleBytes -= buffer.length;
        free(buffer);
      }
      this.#least[size] = idle.length;
    }
  }

  /** Lets go of what was asked for longest ago: else it would stay full of sizes that nobody asks for any more. */
  #hasRoom(size: number): boolean {
    if (2 ** size > this.#mostIdle) return false;
    while (this.#idleBytes + 2 ** size > this.#mostIdle) {
      let oldest = size;
      for (let i = 0; i < CLASSES; i++)
        if (this.#idle[i].length > 0 && this.#askedAt[i] < this.#askedAt[oldest]) oldest = i;
      if (oldest === size) return false;
      const buffer = this.#idle[oldest].pop();
      if (buffer !== undefined) free(buffer);
      this.#least[oldest] = Math.min(this.#least[oldest], this.#idle[oldest].length);
      this.#idleBytes -= 2 ** oldest;
    }
    return true;
  }
}
