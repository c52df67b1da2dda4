import type { Random } from '../engine/history/random.ts';

/** Numbers at which decoders go wrong. */
export const EDGES: readonly number[] = [
  ...[-1, 0, 1, 2, 7, 63, 64, 127, 128, 255, 256, 8_191, 8_192, 65_535, 65_536, 1_048_576, 16_777_216],
  ...[-2, -128, -32_768, 2 ** 30, 2 ** 31 - 1, -(2 ** 31)],
];

export const bytes = (r: Random, most: number): Buffer => {
  const b = Buffer.allocUnsafe(r.below(most + 1));
  for (let i = 0; i < b.length; i++) b[i] = r.below(256);
  return b;
};

const PIECES = [
  'a',
  'b',
  'level',
  'é',
  '€',
  '\u{1f600}',
  '\u0301',
  '\u0000',
  '"',
  '\\',
  '\n',
  'verdikt-',
  ' ',
  '9',
];
export const text = (r: Random, most: number): string => {
  let s = '';
  for (let n = r.below(most + 1); n > 0; n--) s += r.pick(PIECES);
  return s;
};

/** A safe integer, of any size. */
export const safeInteger = (r: Random): number => Math.floor(r.next() * 2 ** (1 + r.below(52)));

/** Off by one, huge, negative, or anything. */
export const wrong = (r: Random, n: number): number => {
  switch (r.below(5)) {
    case 0:
      return n + 1;
    case 1:
      return n - 1;
    case 2:
      return -n;
    case 3:
      return n * 2 + r.below(100);
    default:
      return r.pick(EDGES);
  }
};

/** Those of one byte; never changed. */
const SHORT = Array.from({ length: 128 }, (_, i) => Buffer.from([i < 64 ? (64 - i) * 2 - 1 : (i - 64) * 2]));

/** Zigzag, as in record batches and in Avro; up to 53 bits. */
export const varint = (n: number): Buffer => {
  if (n >= -64 && n < 64) return SHORT[n + 64];
  let z = n < 0 ? BigInt(-n) * 2n - 1n : BigInt(n) * 2n;
  const out: number[] = [];
  for (; z >= 128n; z >>= 7n) out.push(Number(z & 127n) | 128);
  out.push(Number(z));
  return Buffer.from(out);
};

/** A variable-length number that lies about `n`: another one, one that is written too long, or one that never ends. */
export const lyingVarint = (r: Random, n: number): Buffer => {
  const kind = r.below(8);
  if (kind > 1) return varint(wrong(r, n));
  if (kind === 1) return Buffer.alloc(1 + r.below(12), 0xff);
  // The same number, with bytes that add nothing.
  const plain = Buffer.from(varint(n));
  plain[plain.length - 1] |= 0x80;
  return Buffer.concat([plain, Buffer.alloc(r.below(10), 0x80), Buffer.from([0])]);
};

/** Changes anything anywhere. */
export const mutate = (r: Random, from: Buffer, times = 1 + r.below(3)): Buffer => {
  let b: Buffer = Buffer.from(from);
  for (let n = times; n > 0; n--) {
    const at = r.below(Math.max(1, b.length));
    switch (r.below(9)) {
      case 0:
        if (b.length > 0) b[at] ^= 1 << r.below(8);
        break;
      case 1:
        if (b.length > 0) b[at] = r.pick(EDGES) & 0xff;
        break;
      case 2:
        b = b.subarray(0, at);
        break;
      case 3:
        b = Buffer.concat([b, bytes(r, 12)]);
        break;
      case 4:
        b = Buffer.concat([b.subarray(0, at), b.subarray(at + 1 + r.below(4))]);
        break;
      case 5:
        b = Buffer.concat([b.subarray(0, at), b.subarray(Math.max(0, at - r.below(16)))]);
        break;
      case 6:
        if (b.length >= at + 4) b.writeInt32BE(r.pick(EDGES), at);
        break;
      case 7:
        if (b.length >= at + 2) b.writeInt16BE((r.pick(EDGES) << 16) >> 16, at);
        break;
      default:
        b = Buffer.concat([b.subarray(0, at), lyingVarint(r, b[at] ?? 0), b.subarray(at + 1)]);
    }
  }
  return b;
};
