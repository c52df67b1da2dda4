import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Seen } from './dedup-window.ts';

const id = (n: number): Uint32Array => Uint32Array.of(n, n + 1, n + 2, n + 3);

describe('what a task has seen', () => {
  test('outstanding becomes decided, and stays decided', () => {
    const seen = new Seen(1000, 10);
    expect(seen.known(id(1))).toBe('no');
    seen.outstanding(id(1));
    expect(seen.known(id(1))).toBe('outstanding');
    seen.decided(id(1));
    seen.outstanding(id(1));
    expect(seen.known(id(1))).toBe('decided');
  });

  test('decided identities leave by age, outstanding ones never', () => {
    const seen = new Seen(1000, 10);
    seen.outstanding(id(1));
    seen.advance(10_000);
    seen.decided(id(2));
    seen.advance(11_000);
    seen.decided(id(3));
    expect(seen.known(id(2))).toBe('decided');
    seen.advance(13_000);
    seen.advance(9_000);
    seen.decided(id(4));
    expect([1, 2, 3, 4].map((n) => seen.known(id(n)))).toEqual(['outstanding', 'no', 'decided', 'decided']);
  });

  test('the oldest leaves when the window is full, across many growths', () => {
    const seen = new Seen(1e9, 1000);
    for (let i = 0; i < 5000; i++) seen.decided(id(i * 10));
    expect(seen.size).toBe(1000);
    for (let i = 0; i < 5000; i++) expect(seen.known(id(i * 10))).toBe(i < 4000 ? 'no' : 'decided');
  });

  test('a window of no identities remembers nothing', () => {
    const seen = new Seen(1000, 0);
    seen.outstanding(id(1));
    seen.decided(id(1));
    expect(seen.known(id(1))).toBe('no');
  });

  test('behaves as a list of the newest, however their places in the table collide', () => {
    const most = 20;
    // Few different first words: nearly everything collides.
    const clash = fc.tuple(fc.nat(3), fc.nat(60)).map(([a, b]) => Uint32Array.of(a * 126, b, 0, 0));
    fc.assert(
      fc.property(fc.array(clash, { minLength: 60, maxLength: 120 }), (ids) => {
        const seen = new Seen(1e9, most);
        let model: string[] = [];
        for (const i of ids) {
          seen.decided(i);
          if (!model.includes(String(i))) model = [...model, String(i)].slice(-most);
        }
        for (const i of ids) expect(seen.known(i)).toBe(model.includes(String(i)) ? 'decided' : 'no');
        expect(seen.size).toBe(model.length);
      }),
    );
  });
});
