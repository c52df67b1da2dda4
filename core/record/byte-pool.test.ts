import { describe, expect, test } from '@jest/globals';
import { manualClock } from '@verdikt/testing/manual-clock.ts';
import { BytePool } from './byte-pool.ts';

const KiB = 1024;

describe('a pool of buffers', () => {
  test('lends what came back last, if it is large enough', () => {
    const pool = new BytePool(64 * KiB);
    const [a, b] = [pool.take(3 * KiB), pool.take(4 * KiB)];
    expect([a.length, b.length]).toEqual([4 * KiB, 4 * KiB]);
    pool.give(a);
    pool.give(b);
    expect(pool.idleBytes).toBe(8 * KiB);
    expect(pool.take(5 * KiB).buffer).not.toBe(b.buffer);
    expect(pool.take(2 * KiB + 1).buffer).toBe(b.buffer);
    expect(pool.take(4 * KiB).buffer).toBe(a.buffer);
    expect(pool.idleBytes).toBe(0);
  });

  test('takes a buffer back by any view of it', () => {
    const pool = new BytePool(64 * KiB);
    const lent = pool.take(1);
    pool.give(lent.subarray(5, 9));
    const again = pool.take(KiB);
    expect([again.buffer === lent.buffer, again.length]).toEqual([true, KiB]);
  });

  test('keeps no more than it may', () => {
    const pool = new BytePool(3 * KiB);
    const lent = [pool.take(2 * KiB), pool.take(2 * KiB), pool.take(KiB)];
    for (const buffer of lent) pool.give(buffer);
    expect(pool.idleBytes).toBe(3 * KiB);
    pool.give(pool.take(4 * KiB));
    expect(pool.idleBytes).toBe(3 * KiB);
    expect(pool.take(2 * KiB).buffer).toBe(lent[0].buffer);
  });

  test('lets go of sizes that nobody asks for any more', () => {
    const pool = new BytePool(8 * KiB);
    const small = Array.from({ length: 8 }, () => pool.take(KiB));
    for (const buffer of small) pool.give(buffer);
    expect(pool.idleBytes).toBe(8 * KiB);
    const [a, b, c] = [pool.take(4 * KiB), pool.take(4 * KiB), pool.take(4 * KiB)];
    pool.give(a);
    expect(pool.idleBytes).toBe(8 * KiB);
    pool.give(b);
    pool.give(c);
    expect(pool.idleBytes).toBe(8 * KiB);
    expect([pool.take(4 * KiB).buffer, pool.take(4 * KiB).buffer]).toEqual([b.buffer, a.buffer]);
    expect(pool.idleBytes).toBe(0);
  });

  test('refuses what it has not lent, or not any more', () => {
    const pool = new BytePool(64 * KiB);
    const lent = pool.take(KiB);
    expect(() => pool.give(Buffer.allocUnsafeSlow(KiB))).toThrow(RangeError);
    expect(() => new BytePool(KiB).give(lent)).toThrow(RangeError);
    pool.give(lent);
    expect(() => pool.give(lent)).toThrow(RangeError);
    expect(pool.take(1).buffer).toBe(lent.buffer);
    pool.give(lent);
  });

  test('does not keep what is huge', () => {
    const pool = new BytePool(1024 * KiB * KiB);
    const huge = pool.take(64 * KiB * KiB + 1);
    expect(huge.length).toBe(64 * KiB * KiB + 1);
    pool.give(huge);
    expect(pool.idleBytes).toBe(0);
  });

  test('lets go of what nobody has asked for in the last second, and of its bytes at once', () => {
    const clock = manualClock(0);
    const pool = new BytePool(64 * KiB, clock.after);
    const lent = Array.from({ length: 4 }, () => pool.take(4 * KiB));
    for (const buffer of lent) pool.give(buffer);
    clock.advance(1_000);
    expect(pool.idleBytes).toBe(16 * KiB);
    // Two of them are in use now and then.
    const [a, b] = [pool.take(4 * KiB), pool.take(4 * KiB)];
    expect([a.buffer, b.buffer]).toEqual([lent[3].buffer, lent[2].buffer]);
    pool.give(a);
    pool.give(b);
    clock.advance(1_000);
    expect([pool.idleBytes, lent[0].buffer.byteLength, lent[1].buffer.byteLength]).toEqual([8 * KiB, 0, 0]);
    clock.advance(1_000);
    expect([pool.idleBytes, lent[3].buffer.byteLength]).toEqual([0, 0]);
    // Nothing is left to look at.
    expect(clock.next()).toBe(false);
  });

  test('lets go at once of the bytes that it has no room for', () => {
    const pool = new BytePool(KiB);
    const [a, b] = [pool.take(KiB), pool.take(KiB)];
    pool.give(a);
    pool.give(b);
    expect([a.buffer.byteLength, b.buffer.byteLength]).toEqual([KiB, 0]);
  });
});
