import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createUuidV7, uuidV8 } from './uuid.ts';

const fixed = (byte: number) => (into: Uint8Array) => void into.fill(byte);
const V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('createUuidV7', () => {
  test('lays out time, counter and random bits as RFC 9562 says', () => {
    // The time of the example in RFC 9562, appendix A.6.
    const id = createUuidV7({ now: () => 0x017f22e279b0, random: fixed(0xff) });
    expect(id()).toBe('017f22e2-79b0-77ff-bfff-ffffffffffff');
    expect(id()).toBe('017f22e2-79b0-7800-bfff-ffffffffffff');
  });

  test('counts up within a millisecond, also from a small start', () => {
    const id = createUuidV7({ now: () => 1, random: fixed(0) });
    expect([id(), id()]).toEqual([
      '00000000-0001-7000-8000-000000000000',
      '00000000-0001-7001-8000-000000000000',
    ]);
  });

  test('strictly increases whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 50 }),
        fc.nat(255),
        (clock, byte) => {
          let i = 0;
          const id = createUuidV7({
            now: () => clock[Math.floor(i++ / 300) % clock.length],
            random: fixed(byte),
          });
          const made = Array.from({ length: clock.length * 300 }, id);
          expect(made.filter((m) => !V7.test(m))).toEqual([]);
          expect(made.filter((m, n) => n > 0 && m <= made[n - 1])).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('goes into the next millisecond when the counter is used up, and back to the clock when that is later', () => {
    let now = 10;
    const id = createUuidV7({ now: () => now, random: fixed(0xff) });
    const made = Array.from({ length: 0x802 }, id);
    expect(made[0x800].slice(0, 18)).toBe('00000000-000a-7fff');
    expect(made[0x801].slice(0, 18)).toBe('00000000-000b-77ff');
    now = 12;
    expect(id().slice(0, 13)).toBe('00000000-000c');
  });

  test('never uses random bytes twice', () => {
    let word = 0;
    const random = (into: Uint8Array): void => {
      const view = new DataView(into.buffer);
      for (let i = 0; i < into.length; i += 4) view.setUint32(i, word++);
    };
    const id = createUuidV7({ now: () => 1, random });
    const tails = Array.from({ length: 2000 }, () => id().slice(19));
    expect(new Set(tails).size).toBe(2000);
  });
});

test('uuidV8 keeps 122 bits and sets version and variant', () => {
  expect(uuidV8(new Uint8Array(32).fill(0xff))).toBe('ffffffff-ffff-8fff-bfff-ffffffffffff');
  expect(uuidV8(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe('00010203-0405-8607-8809-0a0b0c0d0e0f');
});
