import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RUNNING } from './entries.ts';
import { Lanes } from './lanes.ts';

const hash = (n: number): Uint32Array => Uint32Array.of(n, n * 7, n ^ 99, 5);

describe('lanes', () => {
  test('a lane hands out its records in order of origin, then of redrive count', () => {
    const lanes = new Lanes();
    for (const [origin, redrive] of [
      [30, 0],
      [10, 1],
      [10, 0],
      [20, 0],
    ])
      lanes.enter(hash(1), origin, redrive);
    const out: [number, number][] = [];
    for (let slot = lanes.head(lanes.find(hash(1))); slot >= 0; slot = lanes.removeHead(slot))
      out.push([lanes.entries.origin[slot], lanes.entries.redrive[slot]]);
    expect(out).toEqual([
      [10, 0],
      [10, 1],
      [20, 0],
      [30, 0],
    ]);
    expect(lanes.find(hash(1))).toBe(-1);
    expect([lanes.size, lanes.count]).toEqual([0, 0]);
  });

  test('records without key never share a lane', () => {
    const lanes = new Lanes();
    const a = lanes.enter(null, 1, 0);
    const b = lanes.enter(null, 2, 0);
    expect(lanes.isHead(a) && lanes.isHead(b)).toBe(true);
    expect(lanes.count).toBe(2);
  });

  test('only a due head that is not running is handed out, earliest first', () => {
    const lanes = new Lanes();
    const a = lanes.enter(hash(1), 1, 0);
    const b = lanes.enter(hash(2), 2, 0);
    const c = lanes.enter(hash(3), 3, 0);
    lanes.schedule(a, 50);
    lanes.schedule(b, 20);
    lanes.schedule(c, 10);
    lanes.entries.set(c, RUNNING);
    expect(lanes.nextDueAt()).toBe(20);
    expect(lanes.popDue(19)).toBe(-1);
    expect(lanes.popDue(60)).toBe(b);
    expect(lanes.popDue(60)).toBe(a);
    expect(lanes.popDue(60)).toBe(-1);
  });

  test('a record that came before a scheduled head takes its place', () => {
    const lanes = new Lanes();
    const late = lanes.enter(hash(1), 9, 0);
    lanes.schedule(late, 0);
    const early = lanes.enter(hash(1), 4, 0);
    expect(lanes.popDue(1)).toBe(-1);
    lanes.schedule(early, 0);
    expect(lanes.popDue(1)).toBe(early);
  });

  test('a head that is scheduled again runs once, at its new time', () => {
    const lanes = new Lanes();
    const a = lanes.enter(hash(1), 1, 0);
    lanes.schedule(a, 5);
    lanes.schedule(a, 5);
    lanes.schedule(a, 9);
    expect([lanes.popDue(8), lanes.popDue(9), lanes.popDue(99)]).toEqual([-1, a, -1]);
  });

  test('a freed slot does not answer for its old schedule', () => {
    const lanes = new Lanes();
    const a = lanes.enter(hash(1), 1, 0);
    lanes.schedule(a, 5);
    lanes.removeHead(a);
    const again = lanes.enter(hash(2), 2, 0);
    expect(again).toBe(a);
    expect(lanes.nextDueAt()).toBe(Infinity);
  });

  test('only a head leaves its lane', () => {
    const lanes = new Lanes();
    lanes.enter(hash(1), 1, 0);
    const follower = lanes.enter(hash(1), 2, 0);
    expect(() => lanes.removeHead(follower)).toThrow(RangeError);
  });

  test('behaves as a map of sorted lists under any history', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('enter' as const),
        key: fc.nat(5),
        origin: fc.nat(40),
        redrive: fc.nat(1),
      }),
      fc.record({ do: fc.constant('end' as const), key: fc.nat(5) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const lanes = new Lanes();
        const model = new Map<number, [number, number][]>();
        for (const s of steps) {
          const list = model.get(s.key) ?? [];
          if (s.do === 'enter') {
            if (list.some(([o, r]) => o === s.origin && r === s.redrive)) continue;
            lanes.enter(hash(s.key), s.origin, s.redrive);
            list.push([s.origin, s.redrive]);
            list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
            model.set(s.key, list);
          } else if (list.length > 0) {
            lanes.removeHead(lanes.head(lanes.find(hash(s.key))));
            list.shift();
            if (list.length === 0) model.delete(s.key);
          }
        }
        for (const [key, list] of model) {
          const got: [number, number][] = [];
          for (let slot = lanes.head(lanes.find(hash(key))); slot >= 0; slot = lanes.entries.next[slot])
            got.push([lanes.entries.origin[slot], lanes.entries.redrive[slot]]);
          expect(got).toEqual(list);
        }
        expect(lanes.count).toBe(model.size);
        expect([...lanes.walk()].length).toBe(lanes.size);
      }),
    );
  });

  test('an entry with a key of its own takes at most 100 bytes all in, scheduled and placed, and nothing once it has ended', () => {
    const lanes = new Lanes();
    const empty = lanes.bytes;
    const entries = 100_000;
    for (let i = 0; i < entries; i++) {
      const mixed = Uint32Array.of(Math.imul(i + 1, 0x9e3779b1), i, i ^ 99, 5);
      const slot = lanes.enter(mixed, i, 0);
      lanes.schedule(slot, i % 77);
      lanes.entries.place(slot, i);
    }
    expect(lanes.bytes / entries).toBeLessThanOrEqual(100);
    for (let slot = lanes.popDue(100); slot >= 0; slot = lanes.popDue(100)) lanes.removeHead(slot);
    expect([lanes.size, lanes.bytes - empty]).toEqual([0, 0]);
  });
});
