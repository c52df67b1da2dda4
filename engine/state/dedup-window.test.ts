import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryBudget } from '../policy/memory.ts';
import { DedupWindow } from './dedup-window.ts';

/** Well mixed, as hashes are: the words of neighbors in a row would all lie in one cluster of the table. */
const id = (n: number): Uint32Array => Uint32Array.of(Math.imul(n, 0x9e3779b1), n + 1, n + 2, n + 3);

describe('what a task has seen', () => {
  test('outstanding becomes decided, and stays decided', () => {
    const dedup = new DedupWindow(1000, 10);
    expect(dedup.known(id(1))).toBe('no');
    dedup.outstanding(id(1));
    expect(dedup.known(id(1))).toBe('outstanding');
    dedup.decided(id(1));
    dedup.outstanding(id(1));
    expect(dedup.known(id(1))).toBe('decided');
  });

  test('decided identities leave by age, outstanding ones never', () => {
    const dedup = new DedupWindow(1000, 10);
    dedup.outstanding(id(1));
    dedup.decided(id(2));
    dedup.advance(10_000);
    dedup.decided(id(3));
    dedup.advance(11_000);
    expect(dedup.known(id(2))).toBe('decided');
    dedup.advance(13_000);
    dedup.advance(9_000);
    expect([1, 2, 3].map((n) => dedup.known(id(n)))).toEqual(['outstanding', 'no', 'decided']);
    dedup.advance(15_000);
    expect(dedup.size).toBe(0);
  });

  test('what is decided after a long rest is as young as its commit', () => {
    const dedup = new DedupWindow(1000, 10);
    dedup.advance(10_000);
    dedup.decided(id(1));
    dedup.advance(90_000);
    dedup.decided(id(2));
    dedup.advance(90_001);
    expect([1, 2].map((n) => dedup.known(id(n)))).toEqual(['decided', 'decided']);
  });

  test('tells how far back it remembers', () => {
    const dedup = new DedupWindow(60_000, 2);
    expect(dedup.lengthMs).toBe(60_000);
    for (const [n, at] of [20_000, 25_000, 32_000].entries()) {
      dedup.decided(id(n));
      dedup.advance(at);
    }
    expect(dedup.lengthMs).toBe(7_000);
  });

  test('the oldest leaves when the window is full, across many growths', () => {
    const dedup = new DedupWindow(1e9, 1000);
    for (let i = 0; i < 5000; i++) dedup.decided(id(i * 10));
    expect(dedup.size).toBe(1000);
    for (let i = 0; i < 5000; i++) expect(dedup.known(id(i * 10))).toBe(i < 4000 ? 'no' : 'decided');
  });

  test('is bounded by memory too, but not below its floor, and says how far back it reaches', () => {
    const budget = new MemoryBudget(5_000_000);
    const others = budget.share();
    const dedup = new DedupWindow(60_000, 1e6, budget.share());
    for (let i = 0; i < 300_000; i++) {
      dedup.decided(id(i));
      if (i % 10_000 === 9_999) dedup.advance(i / 10);
    }
    expect([dedup.size, dedup.lengthMs < 60_000, budget.used <= budget.limit]).toEqual([131_072, true, true]);
    others.take(budget.limit);
    dedup.relieve();
    dedup.relieve();
    expect(dedup.size).toBe(65_536);
    expect([dedup.known(id(299_999)), dedup.known(id(299_999 - 70_000))]).toEqual(['decided', 'no']);
    dedup.decided(id(300_000));
    expect([dedup.size, dedup.known(id(300_000))]).toEqual([65_536, 'decided']);
    expect(new DedupWindow(60_000, 0).lengthMs).toBe(60_000);
  });

  test('a window of no identities remembers nothing', () => {
    const dedup = new DedupWindow(1000, 0);
    dedup.outstanding(id(1));
    dedup.decided(id(1));
    expect(dedup.known(id(1))).toBe('no');
  });

  test('behaves as a list of the newest, however their places in the table collide', () => {
    const most = 20;
    // Few different first words: nearly everything collides.
    const clash = fc.tuple(fc.nat(3), fc.nat(60)).map(([a, b]) => Uint32Array.of(a * 126, b, 0, 0));
    fc.assert(
      fc.property(fc.array(clash, { minLength: 60, maxLength: 120 }), (ids) => {
        const dedup = new DedupWindow(1e9, most);
        let model: string[] = [];
        for (const i of ids) {
          dedup.decided(i);
          if (!model.includes(String(i))) model = [...model, String(i)].slice(-most);
        }
        for (const i of ids) expect(dedup.known(i)).toBe(model.includes(String(i)) ? 'decided' : 'no');
        expect(dedup.size).toBe(model.length);
      }),
    );
  });
});
