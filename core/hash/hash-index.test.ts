import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HashIndex } from './hash-index.ts';

const name = (hash: Uint32Array): string => hash.join();

/** Few first words, so that rows collide and runs wrap round the end of the table. */
const hashes = fc
  .tuple(fc.constantFrom(0, 1, 14, 15, 0xffffffff, 0x80000000), fc.nat(3), fc.nat(2), fc.nat(1))
  .map((words) => new Uint32Array(words));
const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('set' as const), hash: hashes, value: fc.nat(0x7fffffff) }),
    fc.record({ do: fc.constant('delete' as const), hash: hashes, value: fc.constant(0) }),
  ),
  { maxLength: 200 },
);

describe('HashIndex', () => {
  test('is a map', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const index = new HashIndex();
        const model = new Map<string, number>();
        const seen = new Map<string, Uint32Array>();
        for (const s of list) {
          const k = name(s.hash);
          seen.set(k, s.hash);
          if (s.do === 'set') {
            index.set(s.hash, s.value);
            model.set(k, s.value);
          } else expect(index.delete(s.hash)).toBe(model.delete(k));
          expect(index.size).toBe(model.size);
        }
        for (const [k, hash] of seen) expect(index.get(hash)).toBe(model.get(k) ?? -1);
      }),
      { numRuns: 1000 },
    );
  });

  test('grows past its first size, and reads words at a place', () => {
    const index = new HashIndex();
    const all = new Uint32Array(4 * 5000);
    for (let i = 0; i < all.length; i++) all[i] = Math.imul(i + 1, 0x9e3779b1);
    for (let i = 0; i < 5000; i++) index.set(all, i, i * 4);
    expect(index.size).toBe(5000);
    for (let i = 0; i < 5000; i += 2) expect(index.delete(all, i * 4)).toBe(true);
    for (let i = 0; i < 5000; i++) expect(index.get(all, i * 4)).toBe(i % 2 === 0 ? -1 : i);
    index.clear();
    expect([index.size, index.get(all, 4)]).toEqual([0, -1]);
  });

  test('holds 1 M entries in 40 MiB', () => {
    const index = new HashIndex();
    const hash = new Uint32Array(4);
    for (let i = 0; i < 1_000_000; i++) {
      hash[0] = Math.imul(i, 0x9e3779b1);
      hash[3] = i;
      index.set(hash, i);
    }
    expect(index.size).toBe(1_000_000);
    expect(index.bytes).toBeLessThanOrEqual(40 * 1024 * 1024);
    expect(new HashIndex(1_000_000).bytes).toBe(index.bytes);
  });

  test.each([-1, 2 ** 31, 0.5, NaN])('refuses the value %d', (value) => {
    expect(() => new HashIndex().set(new Uint32Array(4), value)).toThrow(RangeError);
  });
});
