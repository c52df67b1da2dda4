import { describe, expect, test } from '@jest/globals';
import { murmur2, partitionOf } from './murmur2.ts';

describe('murmur2', () => {
  // The vectors of Kafka's own UtilsTest.testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of %s', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  test('looks at the view, not at the memory behind it', () => {
    const memory = Buffer.from('xxfoobarxx');
    expect(murmur2(memory.subarray(2, 8))).toBe(-790332482);
  });
});

describe('partitionOf', () => {
  test('drops the sign bit before the remainder, as Java does', () => {
    expect(partitionOf(Buffer.from('21'), 12)).toBe((-973932308 & 0x7fffffff) % 12);
    expect(partitionOf(Buffer.from('foobar'), 1)).toBe(0);
  });
});
