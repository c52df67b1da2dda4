import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { longReader, longSize, readLong, skipLong, writeLong } from './varint.ts';

/** Straight from the specification. avsc is no reference: it rounds negative numbers beyond 2^52. */
function encoded(n: number): Buffer {
  let z = n < 0 ? -2n * BigInt(n) - 1n : 2n * BigInt(n);
  const bytes: number[] = [];
  for (; z >= 128n; z >>= 7n) bytes.push(Number(z & 127n) | 128);
  return Buffer.from([...bytes, Number(z)]);
}

const safe = fc.oneof(
  fc.maxSafeInteger().filter((n) => Math.abs(n) < Number.MAX_SAFE_INTEGER),
  fc.integer(),
  fc.nat(300),
  fc.integer({ min: 0, max: 52 }).map((n) => 2 ** n - 1),
  fc.integer({ min: 0, max: 52 }).map((n) => -(2 ** n)),
);

describe('longs', () => {
  test('are written as Avro says', () => {
    fc.assert(
      fc.property(safe, (n) => {
        const buffer = Buffer.alloc(longSize(n));
        expect(writeLong(buffer, 0, n)).toBe(buffer.length);
        expect(buffer).toEqual(encoded(n));
      }),
      { numRuns: 2_000 },
    );
  });

  test('are read and skipped as written', () => {
    fc.assert(
      fc.property(safe, (n) => {
        const buffer = encoded(n);
        const r = longReader(buffer, 0, buffer.length);
        expect(readLong(r)).toBe(n);
        expect([r.ok, r.position]).toEqual([true, buffer.length]);
        const s = longReader(buffer, 0, buffer.length);
        skipLong(s);
        expect([s.ok, s.position]).toEqual([true, buffer.length]);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([0, 1, 3, 4, 5, 6, 7])('that end after %i bytes too few are refused', (size) => {
    const buffer = encoded(2 ** 52);
    expect(buffer.length).toBe(8);
    // The bytes after `end` belong to the next record and must not be read.
    const r = longReader(buffer, 0, size);
    expect(readLong(r)).toBe(0);
    expect(r.ok).toBe(false);
  });

  test('of two bytes are not completed with a byte behind the end', () => {
    const r = longReader(encoded(100), 0, 1);
    readLong(r);
    expect(r.ok).toBe(false);
  });

  test.each([
    ['2^53', Buffer.from('8080808080808020', 'hex')],
    ['-2^63', Buffer.from('ffffffffffffffffff01', 'hex')],
    ['11 bytes', Buffer.alloc(11, 0xff)],
  ])('beyond 2^53 are refused: %s', (_, buffer) => {
    const r = longReader(buffer, 0, buffer.length);
    readLong(r);
    expect(r.ok).toBe(false);
  });

  test('of 64 bits can be skipped', () => {
    const r = longReader(Buffer.from('ffffffffffffffffff01', 'hex'), 0, 10);
    skipLong(r);
    expect([r.ok, r.position]).toEqual([true, 10]);
  });
});
