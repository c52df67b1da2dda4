const HALF = 1e8;

/** Decimal digits of a safe integer that is not negative. */
export const countDigits = (n: number): number => {
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

/** Writes such a number at `at` in `digits` digits, as `countDigits` has them; returns the position after it. */
export const putDigits = (b: Uint8Array, at: number, n: number, digits: number): number => {
  if (digits <= 8) putLow(b, at, n, digits);
  else {
    const high = Math.floor(n / HALF);
    putLow(b, at, high, digits - 8);
    putLow(b, at + digits - 8, n - high * HALF, 8);
  }
  return at + digits;
};
