/** Above it a frame grows with what has arrived: a length is just a claim, and whatever answers on that port may not be Kafka. */
const TRUSTED_BYTES = 8 * 1024 * 1024;
/** A correlation id. */
const LEAST_BYTES = 4;
const PREFIX = 4;

/**
 * Puts frames together from the pieces in which a socket delivers them: four bytes of length, then so many bytes, copied once into
 * a buffer of their own. Pieces are not kept.
 */
export class FrameReader {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #take: (bytes: number) => Buffer;
  readonly #prefix = Buffer.alloc(PREFIX);
  #prefixed = 0;
  #frame: Buffer | undefined;
  #length = 0;
  #filled = 0;

  /** `onFrame` gets each frame without its length; the frame is its own. `take` makes room for at least so many bytes. */
  constructor(
    onFrame: (frame: Buffer) => void,
    take: (bytes: number) => Buffer = (bytes) => Buffer.allocUnsafeSlow(bytes),
  ) {
    this.#onFrame = onFrame;
    this.#take = take;
  }

  /** Returns false for a length that cannot be; nothing may be pushed after it. */
  push(piece: Uint8Array): boolean {
    let at = 0;
    while (at < piece.length) {
      if (this.#frame === undefined) {
        while (this.#prefixed < PREFIX && at < piece.length) this.#prefix[this.#prefixed++] = piece[at++];
        if (this.#prefixed < PREFIX) return true;
        this.#length = this.#prefix.readInt32BE(0);
        if (this.#length < LEAST_BYTES) return false;
        this.#frame = this.#take(Math.min(this.#length, TRUSTED_BYTES));
      }
      at += this.#fill(this.#frame, piece, at);
    }
    return true;
  }

  /** How many bytes it took. */
  #fill(frame: Buffer, piece: Uint8Array, at: number): number {
    const n = Math.min(this.#length - this.#filled, piece.length - at);
    const into = frame.length < this.#filled + n ? this.#grown(frame, this.#filled + n) : frame;
    into.set(n === piece.length ? piece : piece.subarray(at, at + n), this.#filled);
    this.#filled += n;
    if (this.#filled === this.#length) {
      this.#frame = undefined;
      this.#filled = this.#prefixed = 0;
      this.#onFrame(into.subarray(0, this.#length));
    } else this.#frame = into;
    return n;
  }

  #grown(frame: Buffer, need: number): Buffer {
    const bigger = this.#take(Math.min(this.#length, Math.max(need, frame.length * 2)));
    bigger.set(frame.subarray(0, this.#filled));
    return bigger;
  }
}
