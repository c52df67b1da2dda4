import { describe, expect, test } from '@jest/globals';
import { Seen } from './seen.ts';

const id = (n: number): Uint32Array => Uint32Array.of(n, n + 1, n + 2, n + 3);

describe('what a task has seen', () => {
  test('outstanding becomes decided, and stays decided', () => {
    const seen = new Seen(1000, 10);
    expect(seen.known(id(1))).toBe('no');
    seen.outstanding(id(1));
    expect(seen.known(id(1))).toBe('outstanding');
    seen.decided(id(1), 5);
    seen.outstanding(id(1));
    expect(seen.known(id(1))).toBe('decided');
  });

  test('decided identities leave by age, outstanding ones never', () => {
    const seen = new Seen(1000, 10);
    seen.outstanding(id(1));
    seen.decided(id(2), 0);
    seen.expire(1001);
    expect([seen.known(id(1)), seen.known(id(2)), seen.size]).toEqual(['outstanding', 'no', 0]);
  });

  test('the oldest leaves when the window is full, across many growths', () => {
    const seen = new Seen(1e9, 1000);
    for (let i = 0; i < 5000; i++) seen.decided(id(i * 10), i);
    expect(seen.size).toBe(1000);
    for (let i = 0; i < 5000; i++) expect(seen.known(id(i * 10))).toBe(i < 4000 ? 'no' : 'decided');
  });

  test('a window of no identities remembers nothing', () => {
    const seen = new Seen(1000, 0);
    seen.outstanding(id(1));
    seen.decided(id(1), 1);
    expect(seen.known(id(1))).toBe('no');
  });
});
