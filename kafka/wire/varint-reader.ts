/** Position after the last variable-length number read by `rest` or `restLong`: the second result of both. */
export let at = 0;

/** Where a number ends that does not: beyond every record, so that the bounds of the caller refuse it. */
export const NOWHERE = 0x7fffffff;

/** The rest of a variable-length int32 whose first byte `x` has its continuation bit set; still zigzag. Sets `at`. */
export const rest = (b: Buffer, p: number, x: number): number => {
  let value = x & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    const byte = b[p++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      return value;
    }
  }
  at = NOWHERE;
  return value;
};

/** The same for an int64, zigzag undone. */
export const restLong = (b: Buffer, p: number, x: number): number => {
  let value = x & 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    const byte = b[p++];
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      return (value >>> 1) ^ -(value & 1);
    }
  }
  at = NOWHERE;
  let long = BigInt(value);
  for (let shift = 28n; shift < 70n && p < b.length; shift += 7n) {
    const byte = b[p++];
    long |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      at = p;
      break;
    }
  }
  return Number(BigInt.asIntN(64, (long >> 1n) ^ -(long & 1n)));
};

/** Where the headers end, or -1 where they do not fit. */
export const afterHeaders = (b: Buffer, p: number, recordEnd: number, count: number): number => {
  if (count < 0) return -1;
  for (let h = 0; h < count; h++) {
    let x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    if ((x & 1) !== 0) return -1;
    p += x >>> 1;
    if (p >= recordEnd) return -1;
    x = b[p++];
    if (x >= 0x80) {
      x = rest(b, p, x);
      p = at;
    }
    if ((x & 1) === 0) p += x >>> 1;
    if (p > recordEnd) return -1;
  }
  return p;
};
