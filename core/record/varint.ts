/** Zigzag variable-length integers, as in record batches. Values outside of int32 go through the `long` pair. */

const INT32_RANGE = 2147483648;

/** Bytes that an int32 takes. */
export const sizeOfVarint = (value: number): number => {
  const z = ((value << 1) ^ (value >> 31)) >>> 0;
  return z < 0x80 ? 1 : z < 0x4000 ? 2 : z < 0x200000 ? 3 : z < 0x10000000 ? 4 : 5;
};

/** Writes an int32 at `p`; returns the position after it. The caller has made room for 5 bytes. */
export const putVarint = (buffer: Buffer, p: number, value: number): number => {
  let z = ((value << 1) ^ (value >> 31)) >>> 0;
  while (z >= 0x80) {
    buffer[p++] = (z & 0x7f) | 0x80;
    z >>>= 7;
  }
  buffer[p++] = z;
  return p;
};

/** Writes a safe integer at `p`; returns the position after it. The caller has made room for 10 bytes. */
export const putVarlong = (buffer: Buffer, p: number, value: number): number => {
  if (value >= -INT32_RANGE && value < INT32_RANGE) return putVarint(buffer, p, value);
  let z = (BigInt(value) << 1n) ^ (BigInt(value) >> 63n);
  while (z >= 0x80n) {
    buffer[p++] = Number(z & 0x7fn) | 0x80;
    z >>= 7n;
  }
  buffer[p++] = Number(z);
  return p;
};
