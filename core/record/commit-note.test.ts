import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMetadata, encodeMetadata, fingerprint, xor53, type OffsetMetadata } from './commit-note.ts';

const note = {
  partitions: 12,
  ids: { words: 'w', retry: 'r' },
  ends: { results: 7, retry: 0 },
  ...{ live: 2, print: 5, origins: 9 },
};
const commit: OffsetMetadata = { kind: 'commit', mark: { epoch: 3, last: { results: 14, retry: 1 } }, note };

describe('the metadata of a committed offset', () => {
  test('comes back from its text', () => {
    const accepted: OffsetMetadata = { kind: 'accepted', accepted: { at: 5 }, note };
    for (const whole of [commit, accepted] as const)
      for (const metadata of [whole, { ...whole, note: undefined }])
        expect(decodeMetadata(encodeMetadata(metadata))).toEqual(metadata);
  });

  test('is foreign where it is not ours', () => {
    const foreign = [
      '{"v":1,"epoch":"1","last":{}}',
      '{"v":1,"epoch":1}',
      '{"v":1,"epoch":3,"last":null}',
      '{"epoch":3,"last":{}}',
      '{"v":1,"accepted":{"at":-1}}',
      '{"v":1,"accepted":{}}',
    ];
    for (const text of [null, '', 'x', '1', 'null', '[]', ...foreign])
      expect(decodeMetadata(text)).toEqual({ kind: 'foreign' });
  });

  test('a note that cannot be read is none, the mark stays', () => {
    const { live: _, ...rest } = note;
    const ends = { retry: -1 };
    for (const broken of [rest, { ...note, ids: null }, { ...note, ends }, { ...note, live: 1.5 }])
      expect(decodeMetadata(JSON.stringify({ v: 1, epoch: 3, last: {}, note: broken }))).toEqual({
        kind: 'commit',
        mark: { epoch: 3, last: {} },
        note: undefined,
      });
  });

  test('fits an offset with the longest topic names', () => {
    const last = Object.fromEntries(['a', 'b', 'c', 'd'].map((c) => [c.repeat(249), 2 ** 31 - 1]));
    const ids = { words: 'i'.repeat(22), results: 'i'.repeat(22), retry: 'i'.repeat(22) };
    const most = Number.MAX_SAFE_INTEGER;
    const long: OffsetMetadata = {
      kind: 'commit',
      mark: { epoch: 32_767, last },
      note: {
        ...{ partitions: 10_000, live: most, print: most, origins: most },
        ids: { ...ids, deadLetters: 'i'.repeat(22), control: 'i'.repeat(22) },
        ends: { results: most, retry: most, deadLetters: most },
      },
    };
    expect(encodeMetadata(long).length).toBeLessThan(4_096);
  });
});

describe('fingerprints of entries', () => {
  const safe = fc.nat(Number.MAX_SAFE_INTEGER);

  test('XOR is its own inverse, in any order, and stays below 2^53', () => {
    fc.assert(
      fc.property(safe, safe, safe, (a, b, c) => {
        expect(xor53(xor53(a, b), b)).toBe(a);
        expect(xor53(xor53(a, b), c)).toBe(xor53(a, xor53(c, b)));
        expect(Number.isSafeInteger(xor53(a, b))).toBe(true);
        expect(BigInt(xor53(a, b))).toBe(BigInt(a) ^ BigInt(b));
      }),
    );
  });

  test('differ for neighbors, and for the redrives of one origin', () => {
    const seen = new Set<number>();
    for (let origin = 0; origin < 20_000; origin++)
      for (const redrive of [0, 1, 2]) seen.add(fingerprint(origin, redrive));
    for (const origin of [2 ** 32, 2 ** 32 + 1, 2 ** 40]) seen.add(fingerprint(origin, 0));
    expect(seen.size).toBe(60_003);
    for (const print of seen) expect(Number.isSafeInteger(print) && print >= 0).toBe(true);
  });
});
