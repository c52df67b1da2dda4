const HIGH = 0x80808080 | 0;
const ONES = 0x01010101;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

const isPlain = (c: number): boolean => c >= 0x20 && c < 0x7f && c !== 0x22 && c !== 0x5c;

/**
 * True when every byte in [start, end) stands for itself in UTF-8 and in a JSON string, so that bytes, text and JSON text are the same:
 * printable ASCII without quote and backslash.
 *
 * Looks at four bytes at a time, as in "Bit Twiddling Hacks" (S. E. Anderson), "Determine if a word has a zero byte" and "... a byte less
 * than n": a borrow or a carry begins at a byte that is itself found.
 */
export const isPlainText = (v: DataView, start: number, end: number): boolean => {
  let found = 0;
  let p = start;
  for (; p + 4 <= end; p += 4) {
    const x = v.getInt32(p, true);
    const q = x ^ QUOTES;
    const s = x ^ BACKSLASHES;
    found |= x | (x + ONES) | ((x - SPACES) & ~x) | ((q - ONES) & ~q) | ((s - ONES) & ~s);
  }
  if ((found & HIGH) !== 0) return false;
  for (; p < end; p++) if (!isPlain(v.getUint8(p))) return false;
  return true;
};
