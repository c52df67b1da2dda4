import { describe, expect, test } from '@jest/globals';
import { murmur3x128 } from './murmur3.ts';

const hex = (bytes: Uint8Array, seed: number, start = 0, end = bytes.length): string => {
  const out = new Uint32Array(4);
  murmur3x128(bytes, start, end, seed, out);
  return [...out].map((w) => w.toString(16).padStart(8, '0')).join('');
};

describe('murmur3x128', () => {
  // The check of the reference implementation: keys of 0..255 bytes with seeds 256 - length, their hashes hashed again.
  test('has the verification value of MurmurHash3_x86_128', () => {
    const hashes = Buffer.alloc(256 * 16);
    const key = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const out = new Uint32Array(4);
    for (let i = 0; i < 256; i++) {
      murmur3x128(key, 0, i, 256 - i, out);
      out.forEach((w, k) => hashes.writeUInt32LE(w, i * 16 + k * 4));
    }
    murmur3x128(hashes, 0, hashes.length, 0, out);
    expect(out[0]).toBe(0xb3ece62a);
  });

  test.each([
    ['', 0, '00000000000000000000000000000000'],
    ['', 1, '88c4adec54d201b954d201b954d201b9'],
    ['The quick brown fox jumps over the lazy dog', 0, '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ])('%j with seed %d', (text, seed, expected) => {
    expect(hex(Buffer.from(text), seed)).toBe(expected);
  });

  test('looks at its range only', () => {
    const outer = Buffer.from('xxxxxpalindromeyyyyyyyyyyyyyyyyyyyyyyyyy');
    expect(hex(outer, 7, 5, 15)).toBe(hex(Buffer.from('palindrome'), 7));
  });

  test('takes the seed modulo 2^32', () => {
    expect(hex(Buffer.from('a'), 2 ** 32 + 5)).toBe(hex(Buffer.from('a'), 5));
    expect(hex(Buffer.from('a'), -1)).toBe(hex(Buffer.from('a'), 0xffffffff));
  });
});
