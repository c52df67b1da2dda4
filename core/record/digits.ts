import { viewOf } from './wide-bytes.ts';

const HALF = 1e8;
/** Of the largest safe integer, and as many again: what is copied eight at a time is read past its end. */
const ROOM = 32;
const NINE = 0x39;

/** Decimal digits of a safe integer that is not negative. */
const countDigits = (n: number): number => {
  let digits = 1;
  for (let limit = 10; n >= limit; limit *= 10) digits++;
  return digits;
};

/** The lowest `digits` decimal digits of `n`, below 10^8: its division is one of 32 bits. */
const putLow = (b: Uint8Array, at: number, n: number, digits: number): void => {
  for (let p = at + digits - 1; p >= at; p--) {
    const tenth = (n / 10) | 0;
    b[p] = 0x30 + n - tenth * 10;
    n = tenth;
  }
};

/** Such a number in `digits` digits, as `countDigits` has them. */
const putDigits = (b: Uint8Array, n: number, digits: number): void => {
  if (digits <= 8) putLow(b, 0, n, digits);
  else {
    const high = Math.floor(n / HALF);
    putLow(b, 0, high, digits - 8);
    putLow(b, digits - 8, n - high * HALF, 8);
  }
};

/** The digits of one number after the other, where most are the one before again, or one more. */
export class Digits {
  readonly #bytes = new Uint8Array(ROOM);
  #number = -1;
  #count = 0;
  /** They lie at its begin. */
  readonly view = viewOf(this.#bytes);

  /** A safe integer that is not negative; returns how many digits it has. */
  render(n: number): number {
    const last = this.#count - 1;
    if (n === this.#number + 1 && this.#bytes[last] < NINE) this.#bytes[last]++;
    else if (n !== this.#number) {
      this.#count = countDigits(n);
      putDigits(this.#bytes, n, this.#count);
    }
    this.#number = n;
    return this.#count;
  }
}
