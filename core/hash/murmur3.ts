const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const mix1 = (k: number): number => {
  k = Math.imul(k, C1);
  return Math.imul((k << 15) | (k >>> 17), C2);
};
const mix2 = (k: number): number => {
  k = Math.imul(k, C2);
  return Math.imul((k << 16) | (k >>> 16), C3);
};
const mix3 = (k: number): number => {
  k = Math.imul(k, C3);
  return Math.imul((k << 17) | (k >>> 15), C4);
};
const mix4 = (k: number): number => {
  k = Math.imul(k, C4);
  return Math.imul((k << 18) | (k >>> 14), C1);
};
const final = (h: number): number => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
};

/** Up to four bytes as a little-endian number; what lies past `end` counts as zero. */
const tail = (b: Uint8Array, p: number, end: number): number => {
  let k = 0;
  for (let i = Math.min(end, p + 4) - 1; i >= p; i--) k = (k << 8) | b[i];
  return k;
};

/**
 * MurmurHash3_x86_128 of the bytes in [start, end), written to `out[0..3]`. Allocates nothing. `seed` is taken modulo 2^32.
 * Not a cryptographic hash: who knows it can make two inputs collide.
 */
export const murmur3x128 = (b: Uint8Array, start: number, end: number, seed: number, out: Uint32Array): void => {
  let h1 = seed | 0;
  let h2 = h1;
  let h3 = h1;
  let h4 = h1;
  let p = start;
  for (const whole = end - 16; p <= whole; p += 16) {
    h1 ^= mix1(b[p] | (b[p + 1] << 8) | (b[p + 2] << 16) | (b[p + 3] << 24));
    h1 = (Math.imul(((h1 << 19) | (h1 >>> 13)) + h2, 5) + 0x561ccd1b) | 0;
    h2 ^= mix2(b[p + 4] | (b[p + 5] << 8) | (b[p + 6] << 16) | (b[p + 7] << 24));
    h2 = (Math.imul(((h2 << 17) | (h2 >>> 15)) + h3, 5) + 0x0bcaa747) | 0;
    h3 ^= mix3(b[p + 8] | (b[p + 9] << 8) | (b[p + 10] << 16) | (b[p + 11] << 24));
    h3 = (Math.imul(((h3 << 15) | (h3 >>> 17)) + h4, 5) + 0x96cd1c35) | 0;
    h4 ^= mix4(b[p + 12] | (b[p + 13] << 8) | (b[p + 14] << 16) | (b[p + 15] << 24));
    h4 = (Math.imul(((h4 << 13) | (h4 >>> 19)) + h1, 5) + 0x32ac3b17) | 0;
  }
  if (p < end) {
    // An empty word mixes to 0, so the words past the end change nothing.
    h4 ^= mix4(tail(b, p + 12, end));
    h3 ^= mix3(tail(b, p + 8, end));
    h2 ^= mix2(tail(b, p + 4, end));
    h1 ^= mix1(tail(b, p, end));
  }
  const length = end - start;
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = final(h1);
  h2 = final(h2);
  h3 = final(h3);
  h4 = final(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[0] = h1;
  out[1] = h2 + h1;
  out[2] = h3 + h1;
  out[3] = h4 + h1;
};
