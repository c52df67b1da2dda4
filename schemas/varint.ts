/** Bytes of `n` as an Avro long; `n` is a safe integer. */
export function longSize(n: number): number {
  let rest = Math.floor((n < 0 ? -n - 1 : n) / 64);
  let size = 1;
  while (rest > 0) {
    rest = Math.floor(rest / 128);
    size++;
  }
  return size;
}

/** Writes the safe integer `n` as an Avro long at `p`; returns the position after it. */
export function writeLong(buffer: Buffer, p: number, n: number): number {
  const magnitude = n < 0 ? -n - 1 : n;
  // The sign goes into the first byte by itself: doubling the whole number would round it beyond 2^52.
  let byte = (magnitude % 64) * 2 + (n < 0 ? 1 : 0);
  let rest = Math.floor(magnitude / 64);
  while (rest > 0) {
    buffer[p++] = byte | 0x80;
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  buffer[p++] = byte;
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

/** The same for any long of 64 bits; slower. */
export function readBigLong(r: LongReader): bigint {
  const start = r.position;
  skipLong(r);
  if (!r.ok) return 0n;
  let z = 0n;
  for (let p = r.position - 1; p >= start; p--) z = (z << 7n) | BigInt(r.buffer[p] & 0x7f);
  if (z >= 2n ** 64n) fail(r, 'a number is beyond 64 bits');
  return (z >> 1n) ^ -(z & 1n);
}

/** Passes one long of any size up to 64 bits. */
export function skipLong(r: LongReader): void {
  for (let i = 0; i < 10; i++) {
    if (r.position >= r.end) return void fail(r, 'payload ends within a number');
    if (r.buffer[r.position++] < 128) return;
  }
  fail(r, 'a number is longer than 10 bytes');
}
