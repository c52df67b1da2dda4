/** Bytes of `n` as an Avro long; `n` is a safe integer. */
export function longSize(n: number): number {
  let z = n < 0 ? -2 * n - 1 : 2 * n;
  let size = 1;
  while (z >= 128) {
    z = Math.floor(z / 128);
    size++;
  }
  return size;
}

/** Writes the safe integer `n` as an Avro long at `p`; returns the position after it. */
export function writeLong(buffer: Buffer, p: number, n: number): number {
  let z = n < 0 ? -2 * n - 1 : 2 * n;
  // Bit operations stop at 31 bits; timestamps need 42.
  while (z >= 0x8000_0000) {
    buffer[p++] = (z % 128) | 0x80;
    z = Math.floor(z / 128);
  }
  while (z >= 128) {
    buffer[p++] = (z & 0x7f) | 0x80;
    z >>>= 7;
  }
  buffer[p++] = z;
  return p;
}

/** Reads Avro longs out of one range of bytes, never past its end. After a failed read `ok` is false for good. */
export interface LongReader {
  buffer: Buffer;
  position: number;
  end: number;
  ok: boolean;
  /** Why `ok` is false. */
  problem: string;
}

export const longReader = (buffer: Buffer, position: number, end: number): LongReader => ({
  buffer,
  position,
  end,
  ok: true,
  problem: '',
});

export function fail(r: LongReader, problem: string): number {
  if (r.ok) {
    r.ok = false;
    r.problem = problem;
  }
  return 0;
}

/** The next long; 0 with `ok` false when it is cut off, longer than 10 bytes, or not a safe integer. */
export function readLong(r: LongReader): number {
  const b = r.buffer;
  let p = r.position;
  const limit = Math.min(r.end, p + 4);
  let z = 0;
  let shift = 0;
  while (p < limit) {
    const byte = b[p++];
    z |= (byte & 0x7f) << shift;
    if (byte < 128) {
      r.position = p;
      return (z >>> 1) ^ -(z & 1);
    }
    shift += 7;
  }
  return readTail(r, p, z);
}

/** From the fifth byte on bits no longer fit 32. The sign bit is kept apart, so that the sum is exact up to 2^53. */
function readTail(r: LongReader, from: number, low: number): number {
  const b = r.buffer;
  let p = from;
  let scale = 2 ** 27;
  let magnitude = low >>> 1;
  for (let i = 4; i < 10; i++) {
    if (p >= r.end) return fail(r, 'payload ends within a number');
    const byte = b[p++];
    magnitude += (byte & 0x7f) * scale;
    if (byte < 128) {
      if (magnitude >= Number.MAX_SAFE_INTEGER) return fail(r, 'a number is beyond 2^53');
      r.position = p;
      return (low & 1) === 1 ? -magnitude - 1 : magnitude;
    }
    scale *= 128;
  }
  return fail(r, 'a number is longer than 10 bytes');
}

/** Passes one long of any size up to 64 bits. */
export function skipLong(r: LongReader): void {
  for (let i = 0; i < 10; i++) {
    if (r.position >= r.end) return void fail(r, 'payload ends within a number');
    if (r.buffer[r.position++] < 128) return;
  }
  fail(r, 'a number is longer than 10 bytes');
}
